using Altiplano.Planning.Mesh;

namespace Altiplano.Planning;

/// <summary>What of a layer's forward pass is kept for its backward pass; the rest is computed again.</summary>
public enum Recompute
{
    /// <summary>Everything that the backward pass reads is kept.</summary>
    None,
    /// <summary>The cheap parts (norms, SwiGLU) are computed again.</summary>
    Selective,
    /// <summary>Only the input of each layer is kept.</summary>
    Full,
}

/// <summary>How the work of one step is spread over the mesh and what it trades memory for; what is auto is a plan's to decide.</summary>
public sealed record ParallelSpec
{
    /// <summary>What is sharded over dp_shard x cp: 0 nothing, 1 the optimizer's state, 2 gradients too, 3 parameters too.</summary>
    public OrAuto<int> Zero { get; init; }

    public OrAuto<PipelineScheduleKind> PpSchedule { get; init; }

    /// <summary>Model chunks on each pipeline rank.</summary>
    public OrAuto<int> VirtualStages { get; init; }

    public OrAuto<ContextParallelMethod> CpMethod { get; init; }

    /// <summary>Norms and residuals split along the sequence over tp.</summary>
    public OrAuto<bool> SequenceParallel { get; init; }

    public OrAuto<Recompute> Recompute { get; init; }

    /// <summary>Rows (tokens) of the head and loss computed at a time, so that the full logits never exist.</summary>
    public OrAuto<int> HeadChunkRows { get; init; }

    /// <summary>The same choices with those left open made as one process makes them.</summary>
    public ParallelSpec OnOneProcess() => this with
    {
        Zero = Zero.Or(0),
        PpSchedule = PpSchedule.Or(PipelineScheduleKind.OneForwardOneBackward),
        VirtualStages = VirtualStages.Or(1),
        CpMethod = CpMethod.Or(ContextParallelMethod.AllGather),
        SequenceParallel = SequenceParallel.Or(false),
        Recompute = Recompute.Or(Planning.Recompute.None),
    };

    /// <summary>Every choice that one process cannot follow, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblemsOnOneProcess(string path)
    {
        var problems = new ProblemList(path);
        problems.Require(Zero.Or(0) == 0, "zero", Zero, "one process has nothing to shard over. Use 0 or auto.");
        problems.Require(
            PpSchedule.Or(PipelineScheduleKind.OneForwardOneBackward) == PipelineScheduleKind.OneForwardOneBackward, "pp_schedule",
            PpScheduleName, "one process is a single stage. Use 1f1b or auto.");
        problems.Require(VirtualStages.Or(1) == 1, "virtual_stages", VirtualStages, "one process is a single stage. Use 1 or auto.");
        problems.Require(
            !SequenceParallel.Or(false), "sequence_parallel", "true", "one process has no tp ranks to split over. Use false or auto.");
        return problems.Problems;
    }

    private string PpScheduleName => Search.LayoutText.Name(PpSchedule.Or(PipelineScheduleKind.OneForwardOneBackward));
}
