using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Parallel;

/// <summary>Whole steps of the toy model on every layout against one process, in fp64.</summary>
public sealed class LayoutTrialTests
{
    private static readonly Dictionary<TrialSpec, Lazy<TrialResult>> Serial = [];

    public LayoutTrialTests() => Libtorch.Load();

    /// <summary>dp_replicate, dp_shard, cp, tp; ZeRO's stage; tied embeddings.</summary>
    public static TheoryData<int, int, int, int, int, bool> Layouts => new()
    {
        { 1, 1, 1, 2, 0, false },
        { 1, 1, 1, 2, 0, true },
        { 1, 1, 1, 4, 0, false },
        { 1, 2, 1, 1, 0, false },
        { 1, 2, 1, 1, 1, false },
        { 1, 2, 1, 1, 2, false },
        { 1, 2, 1, 1, 3, false },
        { 1, 2, 1, 1, 3, true },
        { 1, 4, 1, 1, 3, false },
        { 1, 8, 1, 1, 1, true },
        { 2, 1, 1, 1, 0, false },
        { 4, 1, 1, 1, 3, true },
        { 2, 2, 1, 1, 0, false },
        { 2, 2, 1, 1, 1, false },
        { 2, 2, 1, 1, 2, true },
        { 2, 2, 1, 1, 3, false },
        { 1, 2, 1, 2, 3, false },
        { 1, 2, 1, 2, 2, true },
        { 2, 1, 1, 2, 0, true },
        { 1, 2, 1, 4, 1, false },
        { 2, 2, 1, 2, 3, true },
        { 2, 2, 1, 2, 2, false },
        { 2, 2, 1, 4, 3, false },
        { 1, 1, 2, 1, 0, false },
        { 1, 1, 2, 1, 3, true },
        { 1, 1, 4, 1, 0, true },
        { 1, 1, 8, 1, 1, false },
        { 1, 2, 2, 1, 3, false },
        { 2, 1, 2, 1, 2, true },
        { 1, 1, 2, 2, 0, false },
        { 1, 2, 2, 2, 3, true },
        { 2, 2, 2, 2, 3, false },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Run_Layout_IsTheSerialRun(int dpReplicate, int dpShard, int cp, int tp, int zero, bool tied)
    {
        var spec = Spec(tied);
        var shape = new MeshShape { DpReplicate = dpReplicate, DpShard = dpShard, Cp = cp, Tp = tp };

        var difference = TrialDifference.Between(SerialOf(spec), LayoutTrial.Run(spec, new TrialLayout(shape, zero)));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    /// <summary>dp_shard, cp, tp, pp; ZeRO's stage.</summary>
    [Theory]
    [InlineData(1, 2, 1, 1, 0)]
    [InlineData(1, 4, 1, 1, 3)]
    [InlineData(1, 8, 1, 1, 2)]
    [InlineData(2, 2, 2, 1, 1)]
    [InlineData(2, 2, 2, 2, 3)]
    public void Run_Ring_IsTheSerialRun(int dpShard, int cp, int tp, int pp, int zero)
    {
        var spec = Spec(tied: true);
        var mesh = new MeshShape { Pp = pp, DpShard = dpShard, Cp = cp, Tp = tp };
        var layout = new TrialLayout(mesh, zero) { CpMethod = ContextParallelMethod.Ring };

        var difference = TrialDifference.Between(SerialOf(spec), LayoutTrial.Run(spec, layout));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    /// <summary>dp_shard, cp, tp, pp; ZeRO's stage.</summary>
    [Theory]
    [InlineData(1, 1, 2, 1, 0)]
    [InlineData(2, 1, 4, 1, 1)]
    [InlineData(2, 1, 2, 1, 3)]
    [InlineData(1, 2, 2, 2, 2)]
    public void Run_TpWithoutSequenceParallelism_IsTheSerialRun(int dpShard, int cp, int tp, int pp, int zero)
    {
        var spec = Spec(tied: true);
        var mesh = new MeshShape { Pp = pp, DpShard = dpShard, Cp = cp, Tp = tp };

        var difference = TrialDifference.Between(
            SerialOf(spec), LayoutTrial.Run(spec, new TrialLayout(mesh, zero) { HasSequenceParallel = false }));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    /// <summary>Stages, dp_shard, tp; ZeRO's stage; tied embeddings, whose two copies must stay one.</summary>
    public static TheoryData<PipelineScheduleKind, int, int, int, int, int, bool> Pipelines
    {
        get
        {
            var pipelines = new TheoryData<PipelineScheduleKind, int, int, int, int, int, bool>();
            foreach (var kind in new[] { PipelineScheduleKind.GPipe, PipelineScheduleKind.OneForwardOneBackward, PipelineScheduleKind.ZeroBubble })
            {
                pipelines.Add(kind, 1, 2, 1, 1, 0, false);
                pipelines.Add(kind, 1, 4, 1, 1, 0, true);
                pipelines.Add(kind, 1, 3, 2, 1, 3, true);
                pipelines.Add(kind, 1, 2, 2, 2, 2, true);
                pipelines.Add(kind, 1, 5, 1, 2, 0, false);
            }

            pipelines.Add(PipelineScheduleKind.InterleavedOneForwardOneBackward, 2, 2, 1, 1, 0, false);
            pipelines.Add(PipelineScheduleKind.InterleavedOneForwardOneBackward, 2, 2, 1, 2, 0, true);
            pipelines.Add(PipelineScheduleKind.InterleavedOneForwardOneBackward, 2, 2, 2, 2, 3, true);
            return pipelines;
        }
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Run_Pipeline_IsTheSerialRun(PipelineScheduleKind kind, int virtualStages, int pp, int dpShard, int tp, int zero, bool tied)
    {
        var spec = Spec(tied);
        var layout = new TrialLayout(new MeshShape { Pp = pp, DpShard = dpShard, Tp = tp }, zero, kind, virtualStages);

        var difference = TrialDifference.Between(SerialOf(spec), LayoutTrial.Run(spec, layout));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    [Theory]
    [InlineData(2, 2, 0)]
    [InlineData(2, 2, 3)]
    public void Run_AllFiveAxes_IsTheSerialRun(int cp, int pp, int zero)
    {
        var spec = Spec(tied: true);
        var mesh = new MeshShape { Pp = pp, DpReplicate = 2, DpShard = 2, Cp = cp, Tp = 2 };

        var difference = TrialDifference.Between(
            SerialOf(spec), LayoutTrial.Run(spec, new TrialLayout(mesh, zero, PipelineScheduleKind.ZeroBubble)));

        TrialTolerance.Of(Precision.Fp64).Allows(difference).ShouldBeTrue($"{difference}");
    }

    [Theory]
    [InlineData(Recompute.Selective)]
    [InlineData(Recompute.Full)]
    public void Run_Recompute_IsTheSerialRun(Recompute recompute)
    {
        var spec = Spec(tied: false) with { Recompute = recompute };

        var trial = LayoutTrial.Run(spec, new TrialLayout(new MeshShape { Pp = 2, DpShard = 2, Cp = 2, Tp = 2 }, 3, PipelineScheduleKind.ZeroBubble));

        TrialDifference.Between(SerialOf(Spec(tied: false)), trial).Gradient.ShouldBeLessThan(1e-10);
    }

    [Theory]
    [InlineData(Precision.Fp64, ContextParallelMethod.AllGather)]
    [InlineData(Precision.Fp32, ContextParallelMethod.Ring)]
    [InlineData(Precision.Bf16, ContextParallelMethod.AllGather)]
    [InlineData(Precision.Bf16, ContextParallelMethod.Ring)]
    public void Run_SameMeshTwice_GivesTheSameBits(Precision precision, ContextParallelMethod method)
    {
        var spec = Spec(tied: false) with { Precision = precision, Steps = 2 };
        var layout = new TrialLayout(new MeshShape { Pp = 2, Cp = 2, Tp = 2 }, 3, PipelineScheduleKind.ZeroBubble) { CpMethod = method };

        var (first, second) = (LayoutTrial.Run(spec, layout), LayoutTrial.Run(spec, layout));

        second.Losses.ShouldBe(first.Losses);
        second.GradNorms.ShouldBe(first.GradNorms);
        foreach (var (name, values) in first.Weights)
            second.Weights[name].ShouldBe(values, name);
    }

    [Fact]
    public void Run_Fp32_IsNearTheSerialRun()
    {
        var spec = Spec(tied: false) with { Precision = Precision.Fp32 };

        var difference = TrialDifference.Between(SerialOf(spec), LayoutTrial.Run(spec, new TrialLayout(new MeshShape { DpShard = 2, Tp = 2 }, 3)));

        TrialTolerance.Of(Precision.Fp32).Allows(difference).ShouldBeTrue($"{difference}");
    }

    private static TrialSpec Spec(bool tied)
    {
        var plain = new TrialSpec();
        return plain with { Architecture = plain.Architecture with { TieWordEmbeddings = tied } };
    }

    private static TrialResult SerialOf(TrialSpec spec)
    {
        lock (Serial)
        {
            if (!Serial.TryGetValue(spec, out var trial))
                Serial[spec] = trial = new Lazy<TrialResult>(() => LayoutTrial.Run(spec, TrialLayout.Serial));
            return trial.Value;
        }
    }
}
