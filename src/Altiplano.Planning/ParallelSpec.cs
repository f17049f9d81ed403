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

    /// <summary>The same choices with those left open made for a mesh without a plan.</summary>
    /// <remarks>
    /// Under a pipeline ZeRO 3 would gather the parameters again for each microbatch, so there the optimizer's state alone is sharded.
    /// </remarks>
    public ParallelSpec On(MeshShape mesh)
    {
        var schedule = PpSchedule.Or(PipelineScheduleKind.OneForwardOneBackward);
        return this with
        {
            Zero = Zero.Or(mesh is { DpShard: 1, Cp: 1 } ? 0 : mesh.Pp == 1 ? 3 : 1),
            PpSchedule = schedule,
            VirtualStages = VirtualStages.Or(schedule == PipelineScheduleKind.InterleavedOneForwardOneBackward ? 2 : 1),
            CpMethod = CpMethod.Or(ContextParallelMethod.AllGather),
            SequenceParallel = SequenceParallel.Or(mesh.Tp > 1),
            Recompute = Recompute.Or(Planning.Recompute.None),
        };
    }
}
