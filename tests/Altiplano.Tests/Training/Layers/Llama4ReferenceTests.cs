using Altiplano.Planning.Architecture;
using Altiplano.Torch;

namespace Altiplano.Tests.Training.Layers;

/// <summary>Against figures of an independent implementation in fp64, with which Meta's own code agrees but for its temperature in fp32.</summary>
public sealed class Llama4ReferenceTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Logits_TinyLlama4InFp64_AreTheReference()
    {
        using var tiny = TinyLlama4.New();
        var logits = Logits(tiny);

        double[] first = [-1.304166385, -1.006157425, 0.895656683, 1.369802751, -0.339503441, -1.507644451, -0.272614872, 1.396960161];
        double[] last = [1.851579141, -0.398531332, -2.013386739, -0.418923270, 1.843299816, 1.167320926, -1.369356165, -1.723292850];
        for (var i = 0; i < 8; i++)
        {
            logits[i].ShouldBe(first[i], Tolerance);
            logits[9 * 32 + i].ShouldBe(last[i], Tolerance);
        }

        logits[9 * 32 + 31].ShouldBe(0.689767007, Tolerance);
        logits.Sum().ShouldBe(-0.379100503, Tolerance);
        logits.Sum(Math.Abs).ShouldBe(369.693210367, Tolerance);
    }

    [Fact]
    public void ForwardBackward_TinyLlama4InFp64_GivesTheReferenceLossAndGradientNorms()
    {
        using var tiny = TinyLlama4.New();
        using var batch = TinyLlama4.Batch(tiny.Engine);

        tiny.ForwardBackward(batch).ShouldBe(4.921522034705, Tolerance);

        var expected = new Dictionary<string, double>
        {
            [ParameterTable.LayerName(1, "feed_forward.router")] = 4.109929659996,
            [ParameterTable.ExpertName(1, "down_proj")] = 1.874118672620,
            [ParameterTable.LayerName(1, "feed_forward.shared_expert.gate_proj")] = 7.738787034392,
            [ParameterTable.LayerName(1, "feed_forward.shared_expert.up_proj")] = 8.591424223419,
            [ParameterTable.LayerName(1, "feed_forward.shared_expert.down_proj")] = 4.726157676487,
            [ParameterTable.LayerName(1, "self_attn.q_proj")] = 1.010039940203,
            [ParameterTable.LayerName(1, "self_attn.k_proj")] = 1.121977725028,
            [ParameterTable.LayerName(3, "feed_forward.router")] = 0.812716237732,
            [ParameterTable.LayerName(3, "self_attn.q_proj")] = 2.538987485152,
            [ParameterTable.LayerName(3, "self_attn.o_proj")] = 4.214711659520,
        };
        foreach (var (name, norm) in expected)
            tiny.GradientNorm(name).ShouldBe(norm, Tolerance, name);
        var gateUp = tiny.Gradient(ParameterTable.ExpertName(1, "gate_up_proj"));
        Norm(gateUp.Where((_, i) => i % 32 < 16)).ShouldBe(1.597581299633, Tolerance);
        Norm(gateUp.Where((_, i) => i % 32 >= 16)).ShouldBe(1.526321926818, Tolerance);
        Norm(tiny.Parameters.Table.SelectMany(spec => tiny.Gradient(spec.Name))).ShouldBe(31.556346551781, Tolerance);
    }

    /// <summary>What the last row's first logits are without one of the rules.</summary>
    public static TheoryData<string, Llama4Attention, double[]> Negatives => new()
    {
        { "temperature", Rules with { Temperature = null }, [1.844647452, -0.438594158, -2.022720947] },
        { "norm of queries and keys", Rules with { HasQkNorm = false }, [-1.914284525, -0.151983816, 1.852577618] },
        { "chunks", Rules with { ChunkTokens = 16 }, [-1.556019880, 0.120177198, 1.604812991] },
    };

    private static Llama4Attention Rules => TinyLlama4.Architecture.Attention!;

    [Theory]
    [MemberData(nameof(Negatives))]
    public void Logits_WithoutOneRule_AreTheReferenceWithoutIt(string rule, Llama4Attention rules, double[] expected)
    {
        using var tiny = TinyLlama4.New(TinyLlama4.Architecture with { Attention = rules });
        var logits = Logits(tiny);

        for (var i = 0; i < expected.Length; i++)
            logits[9 * 32 + i].ShouldBe(expected[i], Tolerance, rule);
    }

    [Fact]
    public void ForwardBackward_TinyLlama4InFp32_IsNearTheReference()
    {
        using var tiny = TinyLlama4.New(type: ScalarType.Float32);
        using var batch = TinyLlama4.Batch(tiny.Engine);

        tiny.ForwardBackward(batch).ShouldBe(4.921522034705, 1.5e-4);
    }

    private static double[] Logits(TinyLlama tiny)
    {
        using var batch = TinyLlama4.Batch(tiny.Engine);
        using var logits_RV = tiny.Llama.Logits(batch);
        return HostValues.Read(tiny.Engine, logits_RV);
    }

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));
}
