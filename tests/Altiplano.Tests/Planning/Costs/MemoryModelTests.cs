using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Costs;

public sealed class MemoryModelTests
{
    private const double GiB = 1L << 30;

    private static readonly MemoryCoefficients Bare = new() { Framework = new Bytes(0), Fragmentation = 0 };
    private static readonly ClusterSpec Cluster = PlanningSamples.Cluster(100_352);

    private static readonly Workload[] Workloads =
    [
        PlanningSamples.Work(PlanningSamples.Llama405B, 8192, 2048), PlanningSamples.Work(PlanningSamples.Maverick, 8192, 2048),
        PlanningSamples.Work(PlanningSamples.DeepSeekV3, 4096, 15_360), PlanningSamples.Work(PlanningSamples.Gpt(6144, 45, 64), 2048, 96),
        PlanningSamples.Work(PlanningSamples.Maverick with { NumLayers = 47, Mixture = new MixtureShape(64, 4, 4096, 0, 3, 2) }, 4096, 960, Precision.Fp8),
    ];

    private static readonly Gen<Layout> AnyLayout =
        from degrees in Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[1, 24], Gen.Int[1, 64], Gen.Int[1, 6], Gen.Int[1, 4])
        from choices in Gen.Select(Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 3])
        select new Layout
        {
            Tp = 1 << degrees.Item1, Cp = 1 << degrees.Item2, DpShard = degrees.Item3, Pp = degrees.Item4,
            VirtualStages = choices.Item4 == 1 ? degrees.Item5 + 1 : 1, MicroBatchSize = degrees.Item6, ZeroStage = choices.Item1,
            HasSequenceParallel = choices.Item2, Recompute = (Recompute)choices.Item3, Schedule = (PipelineScheduleKind)choices.Item4,
        };

    [Fact]
    public void FullestStage_AnyLayout_IsTheLargestOfAllStages() =>
        Gen.Select(Gen.Int[0, Workloads.Length - 1], AnyLayout)
            .Where((work, layout) => layout.Pp * layout.VirtualStages <= Workloads[work].Model.NumLayers + 2)
            .Sample(
                (work, layout) =>
                {
                    var model = new MemoryModel(Workloads[work], Cluster, Bare with { Fragmentation = 0.1 });
                    var largest = Enumerable.Range(0, layout.Pp).MaxBy(stage => model.OfStage(layout, stage).Total);

                    model.FullestStage(layout, out var memory).ShouldBe(largest, customMessage: layout.ToString());
                    memory.ShouldBe(model.OfStage(layout, largest));
                },
                seed: "000000000005", iter: 3000);

    [Fact]
    public void FullestStage_ManyLayouts_AllocatesNothing()
    {
        var model = new MemoryModel(Workloads[2], Cluster, Bare);
        var layout = new Layout { Tp = 2, Pp = 16, DpShard = 64, Ep = 32 };
        model.FullestStage(layout, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var pp = 1; pp <= 61; pp++)
            model.FullestStage(layout with { Pp = pp }, out _);

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    /// <summary>Bytes a parameter (Rajbhandari et al. 2020; FSDP2 keeps the fp32 shard as parameters and master in one).</summary>
    [Theory]
    [InlineData(0, 2 + 4 + 12.0)]
    [InlineData(1, 2 + 4 + 12 / 16.0)]
    [InlineData(2, 2 + 4 / 16.0 + 12 / 16.0)]
    [InlineData(3, 16 / 16.0)]
    public void OfStage_ZeroStages_ShardTheirStates(int zero, double bytes)
    {
        var memory = Of(PlanningSamples.Llama8B, new Layout { DpShard = 8, Cp = 2, ZeroStage = zero });

        (States(memory) / 8_030_261_248).ShouldBe(bytes, 1e-9);
    }

    [Theory]
    [InlineData(Precision.Fp32, 16)]
    [InlineData(Precision.Fp64, 32)]
    [InlineData(Precision.Bf16, 18)]
    [InlineData(Precision.Fp8, 20)]
    public void OfStage_Precisions_HaveTheirStates(Precision precision, double bytes)
    {
        var work = PlanningSamples.Work(PlanningSamples.Llama8B, 8192, 1024, precision);
        var memory = new MemoryModel(work, Cluster, Bare with { Fp8CopyBytes = 2 }).OfStage(new Layout(), 0);

        (States(memory) / 8_030_261_248).ShouldBe(bytes, 1e-9);
    }

    [Fact]
    public void OfStage_GradientsInBf16_TakeTwoBytes() =>
        (Of(PlanningSamples.Llama8B, new Layout(), Bare with { GradientBytes = 2 }).Gradients / 8_030_261_248).ShouldBe(2);

    [Fact]
    public void OfStage_EveryStage_AddUpToTheModelAndTheTiedCopy()
    {
        var gpt = PlanningSamples.Gpt(6144, 45, 64);
        var model = new MemoryModel(PlanningSamples.Work(gpt, 2048, 96), Cluster, Bare);
        var total = Enumerable.Range(0, 8).Sum(stage => model.OfStage(new Layout { Pp = 8 }, stage).Parameters);
        var parameters = new ShapeParameters(gpt);

        total.ShouldBe(2.0 * (parameters.Total + parameters.Embedding));
    }

    [Fact]
    public void OfStage_ExpertParallel_DividesRoutedExpertsOnly()
    {
        var whole = Of(PlanningSamples.Maverick, new Layout { DpShard = 64 });
        var divided = Of(PlanningSamples.Maverick, new Layout { DpShard = 64, Ep = 64 });
        var routed = 24.0 * 128 * 3 * 5120 * 8192;

        (whole.Parameters - divided.Parameters).ShouldBe(2 * routed * 63 / 64);
    }

    [Fact]
    public void OfStage_ExpertsUnderZero_AreShardedOverWhatEpLeaves()
    {
        var layout = new Layout { DpShard = 64, Ep = 16, ZeroStage = 1 };
        var shape = new ShapeParameters(PlanningSamples.Maverick);
        var routed = 24.0 * 128 * shape.Expert;

        Of(PlanningSamples.Maverick, layout).OptimizerState.ShouldBe(12 * ((shape.Total - routed) / 64 + routed / 16 / 4), 1e6);
    }

    [Fact]
    public void OfStage_KeyValueHeadsFewerThanTp_AreCopied()
    {
        var atHeads = Of(PlanningSamples.Llama8B, new Layout { Tp = 8 }).Parameters;
        var above = Of(PlanningSamples.Llama8B, new Layout { Tp = 16 }).Parameters;
        var keyValue = 32.0 * 2 * 4096 * 1024;
        var norms = 65.0 * 4096;

        above.ShouldBe((atHeads - 2 * norms) / 2 + 2 * norms + 2 * keyValue / 16, 1);
    }

    [Fact]
    public void OfStage_Logits_LieOnTheLastStage()
    {
        var model = new MemoryModel(PlanningSamples.Work(PlanningSamples.Llama8B, 8192, 1024), Cluster, Bare with { LogitBytes = 10 });
        var layout = new Layout { Pp = 4, Tp = 2 };

        model.OfStage(layout, 0).Logits.ShouldBe(0);
        model.OfStage(layout, 3).Logits.ShouldBe(8192 * (10 * 128_256 / 2.0 + 2 * 2 * 4096.0));
    }

    [Fact]
    public void OfStage_Fsdp_GathersTwoLayersAndTheEnds()
    {
        var layout = new Layout { DpShard = 1024, ZeroStage = 3, Recompute = Recompute.Full };
        var memory = Of(PlanningSamples.Llama8B, layout, Bare with { LogitBytes = 100 });
        var layer = 218_112_000.0;

        memory.Temporaries.ShouldBe((2 * 2 + 2 + 4) * layer + 2 * (2 * 128_256 * 4096.0 + 4096));
    }

    [Fact]
    public void OfStage_Fragmentation_IsOfWhatIsDynamic()
    {
        var memory = Of(PlanningSamples.Llama8B, new Layout(), Bare with { Fragmentation = 0.1, Framework = new Bytes(1000) });

        memory.Fragmentation.ShouldBe(0.1 * (memory.Activations + memory.Temporaries + memory.Logits));
        memory.Framework.ShouldBe(1000);
    }

    [Fact]
    public void OfStage_VisionTower_IsHeldByTheFirstStage()
    {
        var tower = new VisionTower(34, 1408, 5632, 16, 576, 144, 0.1);
        var layout = new Layout { Pp = 4, Tp = 8 };
        var (plain, seeing) = (PlanningSamples.Maverick, PlanningSamples.Maverick with { Vision = tower });

        Of(seeing, layout).Activations.ShouldBeGreaterThan(Of(plain, layout).Activations);
        (Of(seeing, layout).Parameters - Of(plain, layout).Parameters).ShouldBe(
            2 * (new ShapeParameters(seeing).VisionEncoder / 8.0 + new ShapeParameters(seeing).VisionAdapter));
    }

    [Theory]
    [InlineData(90L << 30, true)]
    [InlineData(60L << 30, false)]
    public void Fits_MemoryOfTheGpu_Decides(long gpuMemory, bool expected)
    {
        var model = new MemoryModel(PlanningSamples.Work(PlanningSamples.Llama8B, 8192, 8), PlanningSamples.Cluster(8, gpuMemory), Bare);
        model.FullestStage(new Layout { Tp = 2, HasSequenceParallel = true }, out var memory);

        model.Fits(memory).ShouldBe(expected, $"{memory.Total / GiB} GiB");
    }

    /// <summary>Calculon's 1T on 512 A100: 59.1463 GiB, which counts neither embedding nor loss nor temporaries.</summary>
    [Fact]
    public void OfStage_CalculonsTrillion_IsWithinOnePercentOfIt()
    {
        var layout = new Layout { Tp = 8, Pp = 64, HasSequenceParallel = true, Recompute = Recompute.Selective };
        var gpt = PlanningSamples.Gpt(25_600, 128, 160);
        var memory = new MemoryModel(PlanningSamples.Work(gpt, 2048, 512), Cluster, Bare with { HasFlashAttention = false }).OfStage(layout, 0);
        var embedding = 18 * (51_200 / 8 + 2048) * 25_600.0;

        ((States(memory) + memory.Activations - embedding) / GiB).ShouldBe(59.1463, 0.6);
    }

    private static double States(in MemoryUse memory) => memory.Parameters + memory.Gradients + memory.OptimizerState;

    private static MemoryUse Of(TransformerShape model, Layout layout, MemoryCoefficients? stack = null) =>
        new MemoryModel(PlanningSamples.Work(model, 8192, 1024), Cluster, stack ?? Bare).OfStage(layout, 0);
}
