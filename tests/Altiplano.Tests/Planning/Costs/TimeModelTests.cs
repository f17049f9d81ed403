using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Costs;

public sealed class TimeModelTests
{
    private static readonly TimeCoefficients FreeLinks = TimeSamples.Coefficients with
    {
        NetworkHop = default,
        PipelineTransferShare = 0,
        StragglerSigma = 0,
    };

    [Fact]
    public void Flops_DenseLlama_AreModelFlopsWithFlashAttentionsOwn()
    {
        var llama = new LlamaArchitecture
        {
            VocabSize = 128256, HiddenSize = 4096, NumLayers = 32, NumAttentionHeads = 32, NumKeyValueHeads = 8, IntermediateSize = 14336,
        };
        var model = new ModelFlops(llama);
        var workload = TimeSamples.Workload(TransformerShape.Of("llama", llama));
        var attention = model.Attention(AttentionPairs.OfDocument(llama, workload.SeqLen) * workload.GlobalBatchSequences);
        var layout = new Layout { Tp = 4, DpShard = 4 };

        var counted = TimeSamples.Model(workload: workload).Evaluate(layout).MatrixFlopsPerGpu * layout.World;

        // Five products in the backward pass for the forward pass's two: 3.5 forward passes, where a model's count has 3.
        var expected = model.MatricesPerToken * workload.TokensPerStep + attention * 3.5 / 3;
        counted.ShouldBe(expected, expected * 1e-9);
    }

    [Fact]
    public void Bubble_EqualStages_IsTheFillOfTheOthers()
    {
        var model = TimeSamples.Llama8B with { VocabSize = 1 };
        var times = TimeSamples.Model(TimeSamples.Cluster(network: 1e18), TimeSamples.Workload(model), FreeLinks);

        var step = times.Evaluate(new Layout { Pp = 4, DpShard = 2 }).Time;

        // m = 32 microbatches: (p - 1) / m of the compute; head and embedding make the edge stages a little longer.
        step.Bubble.ShouldBe(step.Compute * 3 / 32, step.Compute * 0.005);
    }

    [Fact]
    public void Bubble_Interleaved_IsHalvedByTwoChunks_AndAThirdIsLeftByZeroBubble()
    {
        var times = TimeSamples.Model(TimeSamples.Cluster(network: 1e18), coefficients: FreeLinks);
        var plain = new Layout { Pp = 4, DpShard = 2 };
        double Bubble(Layout layout) => times.Evaluate(layout).Time.Bubble;

        Bubble(plain with { VirtualStages = 2 }).ShouldBe(Bubble(plain) / 2, Bubble(plain) * 5e-3);
        Bubble(plain with { Schedule = PipelineScheduleKind.ZeroBubble }).ShouldBe(Bubble(plain) / 3, Bubble(plain) * 5e-3);
    }

    [Fact]
    public void Evaluate_AnyLayout_PartsArePositiveAndAddUp() => TimeSamples.Layouts.Sample(layout =>
    {
        var time = TimeSamples.Model().Evaluate(layout).Time;
        double[] parts =
        [
            time.Matrices, time.Attention, time.Elementwise, time.Recompute, time.Launch, time.TensorParallel, time.ContextParallel,
            time.ExpertParallel, time.PipelineTransfers, time.Bubble, time.DataParallel, time.Optimizer, time.Stragglers,
        ];

        return parts.All(part => double.IsFinite(part) && part >= 0) && Math.Abs(parts.Sum() - time.Total) < 1e-12 * time.Total;
    });

    [Fact]
    public void Evaluate_FasterHardware_IsNeverSlower() => TimeSamples.Layouts.Sample(layout =>
    {
        double Seconds(double nvlink = 450e9, double network = 50e9, double memory = 3.35e12) =>
            TimeSamples.Model(TimeSamples.Cluster(nvlink, network, memory)).Evaluate(layout).Time.Total;
        var now = Seconds() * (1 + 1e-12);

        return Seconds(nvlink: 900e9) <= now && Seconds(network: 100e9) <= now && Seconds(memory: 5e12) <= now;
    });

    [Fact]
    public void Evaluate_LessOversubscription_IsNeverSlower() => TimeSamples.Layouts.Sample(layout =>
        TimeSamples.Model(TimeSamples.Cluster(oversubscription: 1)).Evaluate(layout).Time.Total
            <= TimeSamples.Model(TimeSamples.Cluster(oversubscription: 7)).Evaluate(layout).Time.Total * (1 + 1e-12));

    [Fact]
    public void Evaluate_MoreRecompute_IsNeverFaster() => TimeSamples.Layouts.Sample(layout =>
    {
        double Recomputing(Recompute recompute) => TimeSamples.Model().Evaluate(layout with { Recompute = recompute }).Time.Total;

        return Recomputing(Recompute.None) <= Recomputing(Recompute.Selective) && Recomputing(Recompute.Selective) <= Recomputing(Recompute.Full);
    });

    [Fact]
    public void Evaluate_SplitAtTheMicroBatch_IsTheSame() => TimeSamples.Layouts.Sample(layout =>
    {
        var model = TimeSamples.Model();
        var shared = model.MicroBatch(layout with { Pp = 1, VirtualStages = 1, DpShard = 1 });

        return model.Evaluate(layout, shared) == model.Evaluate(layout);
    });

    [Fact]
    public void Evaluate_AllocatesNothing()
    {
        var mixture = TimeSamples.Llama8B with { Mixture = new MixtureShape(16, 1, 8192, 8192, 2) };
        var model = TimeSamples.Model(workload: TimeSamples.Workload(mixture, Precision.Fp8));
        var layout = new Layout { Tp = 2, Pp = 3, VirtualStages = 2, Cp = 2, DpShard = 8, Ep = 8, ZeroStage = 1, HasSequenceParallel = true };
        var sum = model.Evaluate(layout).Time.Total;

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            sum += model.Evaluate(layout with { ZeroStage = i % 4 }).Time.Total;

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        sum.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Fp8_LargeModel_IsFasterButNotTwice()
    {
        double Seconds(Precision precision) =>
            TimeSamples.Model(workload: TimeSamples.Workload(precision: precision)).Evaluate(new Layout { DpShard = 8 }).Time.Total;

        (Seconds(Precision.Bf16) / Seconds(Precision.Fp8)).ShouldBeInRange(1.1, 1.9);
    }

    [Fact]
    public void Attention_ChunkedWindow_CostsLessThanFull()
    {
        var chunked = TimeSamples.Llama8B with { Window = new AttentionWindow(1024, 4, true) };

        var full = TimeSamples.Model().Evaluate(new Layout { DpShard = 8 }).Time.Attention;
        var windowed = TimeSamples.Model(workload: TimeSamples.Workload(chunked)).Evaluate(new Layout { DpShard = 8 }).Time.Attention;

        windowed.ShouldBeInRange(full * 7 / 16, full * 0.7);
    }

    [Theory]
    [InlineData(0, false, 4096.0 * 4096 / 2)]
    [InlineData(0, true, 4096.0 * 1024 / 2)]
    [InlineData(4, true, (4096.0 * 4096 + 3 * 4096.0 * 1024) / 8)]
    public void AttentionPairs_OfWindows_AreCounted(int fullEvery, bool isChunked, double expected)
    {
        var window = new AttentionWindow(isChunked ? 1024 : 4096, fullEvery, isChunked);

        AttentionPairs.PerSequence(TimeSamples.Llama8B with { Window = window }, 4096).ShouldBe(expected);
    }

    [Fact]
    public void VisionTower_AddsToTheFirstStageOnly()
    {
        var seeing = TimeSamples.Llama8B with { Vision = new VisionTower(32, 1280, 5120, 16, 1600, 144, 0.1) };
        double Busy(TransformerShape model) => TimeSamples.Model(workload: TimeSamples.Workload(model)).Evaluate(new Layout { DpShard = 8 }).Time.Compute;

        Busy(seeing).ShouldBeInRange(Busy(TimeSamples.Llama8B) * 1.02, Busy(TimeSamples.Llama8B) * 1.5);
    }

    [Fact]
    public void Launch_SmallModel_IsBoundByTheHost()
    {
        var tiny = TimeSamples.Llama8B with { HiddenSize = 256, IntermediateSize = 512, NumAttentionHeads = 4, NumKeyValueHeads = 4, VocabSize = 1000 };
        var time = TimeSamples.Model(workload: TimeSamples.Workload(tiny)).Evaluate(new Layout { DpShard = 8 }).Time;

        time.Launch.ShouldBeGreaterThan(time.Matrices);
    }

    [Fact]
    public void PowerLimit_Lower_SlowsProductsByTheCubeRoot()
    {
        var cluster = TimeSamples.Cluster();
        var capped = cluster with
        {
            Server = cluster.Server with { Gpu = cluster.Gpu with { PowerLimit = new Watts(350), RatedPower = new Watts(700) } },
        };
        var layout = new Layout { DpShard = 8 };

        var ratio = TimeSamples.Model(capped).Evaluate(layout).Time.Matrices / TimeSamples.Model(cluster).Evaluate(layout).Time.Matrices;

        ratio.ShouldBe(Math.Cbrt(2), 0.01);
    }

    /// <summary>As the trainer does it: whole gradients are kept and reduced once, or those of each microbatch are scattered.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 8)]
    public void Zero2_ManyMicroBatches_ScattersGradientsOfEach(int zero, int reductions)
    {
        var model = TimeSamples.Model();
        var layout = new Layout { Tp = 8, Pp = 4, DpShard = 8 };
        var unsharded = model.Evaluate(layout with { DpShard = 1 });
        var once = model.Evaluate(layout with { ZeroStage = 1 });

        var step = model.Evaluate(layout with { ZeroStage = zero });

        // One gather of parameters, and 64 sequences on 8 ranks: as many microbatches.
        var bytes = once.NetworkBytesPerGpu - PipelineBytes();
        (step.NetworkBytesPerGpu - PipelineBytes()).ShouldBe(bytes * (1 + reductions) / 2, bytes * 1e-9);
        (step.Time.DataParallel > once.Time.DataParallel).ShouldBe(zero == 2);

        double PipelineBytes() => unsharded.NetworkBytesPerGpu / 8;
    }

    [Fact]
    public void Zero3_LayersLargerThanThePrefetchBuffer_ShowMoreCommunication()
    {
        var layout = new Layout { DpShard = 64, ZeroStage = 3 };
        double DataParallel(double prefetch) =>
            TimeSamples.Model(coefficients: TimeSamples.Coefficients with { PrefetchParameters = prefetch }).Evaluate(layout).Time.DataParallel;

        DataParallel(1e7).ShouldBeGreaterThan(DataParallel(1e9));
    }
}
