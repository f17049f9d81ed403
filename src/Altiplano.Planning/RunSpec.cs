using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning;

/// <summary>What is computed and how it is laid out: all that a plan needs to know of a run.</summary>
public sealed record RunSpec
{
    public required ModelSpec Model { get; init; }
    public MeshSpec Mesh { get; init; } = new();
    public ParallelSpec Parallel { get; init; } = new();
    public required BatchSpec Batch { get; init; }

    /// <summary>In the order in which they come; none for a run that is the same from its first token to its last.</summary>
    public IReadOnlyList<PhaseSpec> Phases { get; init; } = [];

    public Precision Precision { get; init; } = Precision.Fp32;

    /// <summary>The machines that the run is planned for; null where nobody said.</summary>
    public ClusterSpec? Cluster { get; init; }

    /// <summary>The calibrated machine that the run is planned for, in the place of a cluster.</summary>
    public MachineSpec? Machine { get; init; }

    /// <summary>The layout of a spec in which every choice is made.</summary>
    public Layout ToLayout()
    {
        var mesh = Mesh.On(ranks: null);
        return new Layout
        {
            Pp = mesh.Pp, DpReplicate = mesh.DpReplicate, DpShard = mesh.DpShard, Cp = mesh.Cp, Tp = mesh.Tp, Ep = mesh.Ep,
            VirtualStages = Parallel.VirtualStages.Or(1),
            MicroBatchSize = Batch.MicroBatchSize.Or(1),
            ZeroStage = Parallel.Zero.Or(0),
            HasSequenceParallel = Parallel.SequenceParallel.Or(false),
            Recompute = Parallel.Recompute.Or(Recompute.None),
            Schedule = Parallel.PpSchedule.Or(PipelineScheduleKind.OneForwardOneBackward),
            CpMethod = Parallel.CpMethod.Or(ContextParallelMethod.AllGather),
        };
    }

    /// <summary>Every rule of layouts that a spec in which every choice is made breaks, with the run file's paths.</summary>
    public IReadOnlyList<string> FindLayoutProblems() => LayoutRules.FindProblems(
        new Workload { Model = Model.Shape, SeqLen = Batch.SeqLen, GlobalBatchSequences = Batch.SequencesPerStep, Precision = Precision },
        ToLayout(), "");
}
