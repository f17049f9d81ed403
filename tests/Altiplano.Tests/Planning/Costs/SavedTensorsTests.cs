using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Costs;

/// <summary>Activations against the equations and figures of Korthikanti et al. 2022 (arXiv:2205.05198).</summary>
public sealed class SavedTensorsTests
{
    private const int SeqLen = 2048;

    private static readonly MemoryCoefficients Unfused = new() { Framework = new Bytes(0), Fragmentation = 0, HasFlashAttention = false };

    /// <summary>Equations 1, 2, 4, 6 and §5 in units of s b h bytes a layer, without embedding and head.</summary>
    [Theory]
    [InlineData(1, false, Recompute.None, 34 + 5 * 64 * 2048 / 6144.0)]
    [InlineData(8, false, Recompute.None, 10 + 24 / 8.0 + 5 * 64 * 2048 / (6144.0 * 8))]
    [InlineData(8, true, Recompute.None, 34 / 8.0 + 5 * 64 * 2048 / (6144.0 * 8))]
    [InlineData(8, false, Recompute.Selective, 10 + 24 / 8.0)]
    [InlineData(8, true, Recompute.Selective, 34 / 8.0)]
    [InlineData(8, false, Recompute.Full, 2)]
    [InlineData(8, true, Recompute.Full, 2 / 8.0)]
    public void Activations_Gpt22B_AreThePapersEquations(int tp, bool isSequenceParallel, Recompute recompute, double expected)
    {
        var layout = new Layout { Tp = tp, HasSequenceParallel = isSequenceParallel, Recompute = recompute, MicroBatchSize = 4 };

        var activations = Activations(PlanningSamples.Gpt(6144, 48, 64), layout);

        (activations / (4.0 * SeqLen * 6144 * 48)).ShouldBe(expected, 1e-9);
    }

    /// <summary>Figure 7: share of the activations of tensor parallelism alone, in percent, as read from its bars.</summary>
    [Theory]
    [InlineData(6144, 48, 64, 66.8, 49.4, 16.2, 7.6)] // 22B
    [InlineData(12288, 96, 96, 62.0, 56.5, 18.5, 8.7)] // 175B
    [InlineData(20480, 105, 128, 58.3, 62.0, 20.3, 9.4)] // 530B
    [InlineData(25600, 128, 160, 58.3, 62.0, 20.3, 9.4)] // 1T
    public void Activations_Figure7_AreItsRatios(int hidden, int layers, int heads, double sequence, double selective, double both, double full)
    {
        var model = PlanningSamples.Gpt(hidden, layers, heads);
        var tensor = new Layout { Tp = 8 };
        var baseline = Activations(model, tensor);

        Share(tensor with { HasSequenceParallel = true }).ShouldBe(sequence, 0.1);
        Share(tensor with { Recompute = Recompute.Selective }).ShouldBe(selective, 0.1);
        Share(tensor with { HasSequenceParallel = true, Recompute = Recompute.Selective }).ShouldBe(both, 0.1);
        Share(tensor with { Recompute = Recompute.Full }).ShouldBe(full, 0.15);

        double Share(Layout layout) => 100 * Activations(model, layout) / baseline;
    }

    /// <summary>
    /// 8B, one token: four streams of 4096, queries and output 4096, keys and values 1024 each, gate, up and product 14336; sums 32 x fp32.
    /// </summary>
    [Fact]
    public void Activations_Llama8B_AreItsTensors()
    {
        var activations = Activations(PlanningSamples.Llama8B, new Layout(), Unfused with { HasFlashAttention = true });

        (activations / (SeqLen * 32.0)).ShouldBe(2 * (4 * 4096 + 2 * 4096 + 2 * 1024 + 3 * 14336) + 4 * 32);
    }

    [Fact]
    public void Activations_EagerKernels_KeepTheProductOfTheGateAndRotatedCopies()
    {
        var fused = Activations(PlanningSamples.Llama8B, new Layout(), Unfused);
        var eager = Activations(PlanningSamples.Llama8B, new Layout(), Unfused with { HasFusedKernels = false });

        ((eager - fused) / (SeqLen * 32.0)).ShouldBe(2 * (14336 + 4096 + 1024));
    }

    [Fact]
    public void Activations_ContextParallel_AreDivided() =>
        Activations(PlanningSamples.Llama8B, new Layout { Cp = 4 }).ShouldBe(Activations(PlanningSamples.Llama8B, new Layout()) / 4, 1);

    [Fact]
    public void Activations_MoreTpRanksThanKeyValueHeads_KeepOneHeadEach()
    {
        var half = Activations(PlanningSamples.Llama8B, new Layout { Tp = 8, HasSequenceParallel = true });
        var quarter = Activations(PlanningSamples.Llama8B, new Layout { Tp = 16, HasSequenceParallel = true });

        // Everything else halves: keys and values, 128 elements each, stay.
        (quarter - half / 2).ShouldBe(SeqLen * 32.0 * 2 * 128, 1);
    }

    /// <summary>torchtitan's per-operator recompute keeps the input, attention's output and sums, and products q, v, gate and down.</summary>
    [Fact]
    public void Activations_SelectiveUnderFsdp_AreEverySecondProduct()
    {
        var layout = new Layout { ZeroStage = 3, Recompute = Recompute.Selective };

        var activations = Activations(PlanningSamples.Llama8B, layout);

        (activations / (SeqLen * 32.0)).ShouldBe(2 * (4096 + 4096 + 4096 + 1024 + 14336 + 4096) + 4 * 32);
    }

    /// <summary>Maverick's mixture layer against its dense one: router, one expert's tokens 1.2 times the mean, the shared expert.</summary>
    [Fact]
    public void Activations_MixtureLayer_AreDispatchedTokensAndBothExperts()
    {
        var mixed = Activations(PlanningSamples.Maverick, new Layout());
        var dense = Activations(PlanningSamples.Maverick with { Mixture = null }, new Layout());

        const double Mixture = 2 * 4 * 128 + 2 * (1.2 * (5120 + 3 * 8192) + 5120 + 3 * 8192);
        ((mixed - dense) / (SeqLen * 24.0)).ShouldBe(Mixture - 2 * 3 * 16384, 1e-6);
    }

    [Fact]
    public void Activations_LatentAttention_KeepCompressedAndExpandedForms()
    {
        var model = PlanningSamples.DeepSeekV3 with { Mixture = null };
        var expanded = 128 * (192 + 192 + 128 + 128);

        (Activations(model, new Layout(), Unfused with { HasFlashAttention = true }) / (SeqLen * 61.0)).ShouldBe(
            2 * (4 * 7168 + expanded + 2 * (1536 + 512) + 64 + 3 * 18_432) + 4 * 128);
    }

    private static double Activations(TransformerShape model, Layout layout, MemoryCoefficients? stack = null)
    {
        var work = PlanningSamples.Work(model, SeqLen, layout.MicroBatchSize);
        return new MemoryModel(work, PlanningSamples.Cluster(1024), stack ?? Unfused).OfStage(layout, 0).Activations;
    }
}
