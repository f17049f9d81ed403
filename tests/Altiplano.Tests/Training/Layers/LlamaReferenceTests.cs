using Altiplano.Planning.Architecture;
using Altiplano.Torch;

namespace Altiplano.Tests.Training.Layers;

/// <summary>Against figures that an independent implementation and Meta's own code agree on to 7e-16.</summary>
public sealed class LlamaReferenceTests
{
    private const double Tolerance = 1e-9;

    [Fact]
    public void Logits_TinyLlamaInFp64_AreTheReference()
    {
        using var tiny = new TinyLlama();
        using var batch = tiny.Batch();
        using var logits_RV = tiny.Llama.Logits(batch);
        var logits = HostValues.Read(tiny.Engine, logits_RV);

        double[] first = [-0.485754042, 1.024081467, 0.901541080, -0.658047019, -1.168714571, 0.183537534, 1.243232595, 0.321226993];
        double[] last = [0.065227929, -1.747519970, -0.774738036, 1.432968791, 1.356537304, -0.882201450, -1.714719675, 0.186008582];
        for (var i = 0; i < 8; i++)
        {
            logits[i].ShouldBe(first[i], Tolerance);
            logits[7 * 32 + i].ShouldBe(last[i], Tolerance);
        }

        logits[7 * 32 + 31].ShouldBe(1.792060601, Tolerance);
        logits.Sum().ShouldBe(-0.183407101, Tolerance);
        logits.Sum(Math.Abs).ShouldBe(233.484221195, Tolerance);
    }

    [Fact]
    public void ForwardBackward_TinyLlamaInFp64_GivesTheReferenceLossAndGradientNorms()
    {
        using var tiny = new TinyLlama();
        using var batch = tiny.Batch();

        tiny.ForwardBackward(batch).ShouldBe(3.225127991907, Tolerance);

        var expected = new Dictionary<string, double>
        {
            [ParameterTable.EmbeddingName] = 0.188132388414,
            [ParameterTable.HeadName] = 1.403066960141,
            [ParameterTable.FinalNormName] = 0.147466624619,
            [ParameterTable.LayerName(0, "input_layernorm")] = 0.021007059343,
            [ParameterTable.LayerName(0, "self_attn.q_proj")] = 0.124332691676,
            [ParameterTable.LayerName(0, "self_attn.k_proj")] = 0.089299334238,
            [ParameterTable.LayerName(0, "self_attn.v_proj")] = 0.095868216517,
            [ParameterTable.LayerName(0, "self_attn.o_proj")] = 1.584278293373,
            [ParameterTable.LayerName(0, "post_attention_layernorm")] = 0.049683562389,
            [ParameterTable.LayerName(0, "mlp.gate_proj")] = 0.433901200238,
            [ParameterTable.LayerName(0, "mlp.down_proj")] = 1.446239760226,
            [ParameterTable.LayerName(0, "mlp.up_proj")] = 0.317855387421,
        };
        foreach (var (name, norm) in expected)
            tiny.GradientNorm(name).ShouldBe(norm, Tolerance, name);
        Math.Sqrt(tiny.Parameters.Table.Sum(spec => Math.Pow(tiny.GradientNorm(spec.Name), 2))).ShouldBe(3.277294015227, Tolerance);
    }

    [Fact]
    public void ForwardBackward_TinyLlamaInFp32_IsNearTheReference()
    {
        using var tiny = new TinyLlama(type: ScalarType.Float32);
        using var batch = tiny.Batch();

        tiny.ForwardBackward(batch).ShouldBe(3.225127991907, 4e-5);
    }
}
