namespace Altiplano.Planning.Backtest;

/// <summary>One measured training run as somebody published it: facts only, null where nothing was said.</summary>
public sealed record PublishedRun
{
    public string Id { get; init; } = "";

    /// <summary>Who measured: one cluster and one software stack.</summary>
    public string Source { get; init; } = "";

    /// <summary>Table, figure, line or page.</summary>
    public string Locator { get; init; } = "";

    public string Citation { get; init; } = "";
    public string Note { get; init; } = "";

    public string? Gpu { get; init; }
    public int? Gpus { get; init; }
    public int? GpusPerNode { get; init; }

    /// <summary>The network between servers in the source's words.</summary>
    public string? Interconnect { get; init; }

    public PublishedModel Model { get; init; } = new();
    public int? Seq { get; init; }
    public long? GlobalBatchSeqs { get; init; }
    public int? MicroBatch { get; init; }
    public int? Tp { get; init; }
    public int? Pp { get; init; }
    public int? Vp { get; init; }
    public int? Cp { get; init; }
    public int? Dp { get; init; }
    public int? Ep { get; init; }
    public bool? SequenceParallel { get; init; }
    public int? Zero { get; init; }

    /// <summary>Ranks over which FSDP shards; the data-parallel ranks beyond hold replicas.</summary>
    public int? FsdpShardGroup { get; init; }

    /// <summary>Ranks over which the optimizer's state is sharded.</summary>
    public int? Zero1Group { get; init; }

    public string? Recompute { get; init; }

    /// <summary>Layers of each pipeline stage that are recomputed; the others keep everything.</summary>
    public int? RecomputeLayers { get; init; }

    public string? Precision { get; init; }
    public PublishedMeasurement Measured { get; init; } = new();
    public bool IsComplete { get; init; }

    /// <summary>Of the curated subset, over which headline errors are stated.</summary>
    public bool IsRecommended { get; init; }

    /// <summary>Keys that the schema does not have.</summary>
    public IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>Values that could not be read and without which nothing can be computed.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The keys of <see cref="Problems"/>, with their object; the empty one stands for the whole case.</summary>
    public IReadOnlyList<string> UnreadableKeys { get; init; } = [];
}

/// <summary>The shape of a published run's model; sizes count elements.</summary>
public sealed record PublishedModel
{
    public string Name { get; init; } = "";
    public int? Layers { get; init; }
    public int? Hidden { get; init; }
    public int? Heads { get; init; }
    public int? KvHeads { get; init; }
    public int? HeadDim { get; init; }
    public int? Ffn { get; init; }
    public int? Vocab { get; init; }
    public bool? GatedMlp { get; init; }
    public bool? Tied { get; init; }
    public bool? LearnedPosEmb { get; init; }
    public int? Experts { get; init; }
    public int? TopK { get; init; }
    public int? MoeEvery { get; init; }
    public int? MoeFfn { get; init; }
    public bool? SharedExpert { get; init; }
    public int? SharedFfn { get; init; }
    public int? DenseLayers { get; init; }
    public bool? Mla { get; init; }
    public int? QLora { get; init; }
    public int? KvLora { get; init; }
    public int? QkNope { get; init; }
    public int? QkRope { get; init; }
    public int? VDim { get; init; }
}

/// <summary>What a published run measured.</summary>
public sealed record PublishedMeasurement
{
    /// <summary>Seconds of one optimizer step.</summary>
    public double? StepSeconds { get; init; }

    public double? TokensPerSecondPerGpu { get; init; }

    /// <summary>As printed, by the source's own count of operations.</summary>
    public double? TflopsPerGpu { get; init; }

    /// <summary>Peak device memory of one GPU in GiB, as most sources count it whatever they call it.</summary>
    public double? MemoryGib { get; init; }

    /// <summary>True where the run did not fit in device memory.</summary>
    public bool IsOutOfMemory { get; init; }
}
