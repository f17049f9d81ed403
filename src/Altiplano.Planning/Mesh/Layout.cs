namespace Altiplano.Planning.Mesh;

/// <summary>In which order a pipeline stage runs the pieces of its microbatches.</summary>
public enum PipelineScheduleKind
{
    OneForwardOneBackward,
    InterleavedOneForwardOneBackward,
    GPipe,
    /// <summary>Weight gradients fill the bubble; same memory as 1F1B (Qi et al. 2023, ZB-H1).</summary>
    ZeroBubble,
}

/// <summary>How context-parallel ranks see one another's keys and values.</summary>
public enum ContextParallelMethod
{
    /// <summary>One all-gather of keys and values before attention, as Llama 3 did.</summary>
    AllGather,
    Ring,
}

/// <summary>One way to spread a step over the ranks: every choice made. A struct, since a search makes millions.</summary>
/// <remarks>Ranks are placed with tp innermost, then cp, dp_shard, dp_replicate, and pp outermost.</remarks>
public readonly record struct Layout
{
    public Layout()
    {
    }

    public int Tp { get; init; } = 1;
    public int Cp { get; init; } = 1;
    public int DpShard { get; init; } = 1;
    public int DpReplicate { get; init; } = 1;
    public int Pp { get; init; } = 1;

    /// <summary>Ranks that share one set of a layer's routed experts; carved out of dp_shard x cp.</summary>
    public int Ep { get; init; } = 1;

    /// <summary>Model chunks on each pipeline rank; 1 is a plain pipeline.</summary>
    public int VirtualStages { get; init; } = 1;

    /// <summary>Sequences of one forward and backward pass of a data-parallel rank.</summary>
    public int MicroBatchSize { get; init; } = 1;

    /// <summary>
    /// 0 replicates all, 1 shards the optimizer's state, 2 the gradients too, 3 the parameters too (FSDP), over dp_shard x cp.
    /// </summary>
    public int ZeroStage { get; init; }

    /// <summary>Norms and residuals split along the sequence over tp.</summary>
    public bool HasSequenceParallel { get; init; }

    public Recompute Recompute { get; init; }
    public PipelineScheduleKind Schedule { get; init; }
    public ContextParallelMethod CpMethod { get; init; }

    public long World => (long)Tp * Cp * DpShard * DpReplicate * Pp;

    /// <summary>Data-parallel degree: groups that see different sequences.</summary>
    public int Dp => DpShard * DpReplicate;

    public MeshShape Mesh => new() { Pp = Pp, DpReplicate = DpReplicate, DpShard = DpShard, Cp = Cp, Tp = Tp, Ep = Ep };

    /// <summary>Microbatches that each data-parallel rank runs in a step of so many sequences.</summary>
    public long MicroBatches(long globalBatchSequences) => globalBatchSequences / ((long)Dp * MicroBatchSize);
}
