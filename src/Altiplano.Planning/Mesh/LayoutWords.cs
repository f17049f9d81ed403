namespace Altiplano.Planning.Mesh;

/// <summary>The keys that messages about a layout name: a run file's, or a published case's.</summary>
internal sealed record LayoutWords
{
    public required string Mesh { get; init; }
    public required string Tp { get; init; }
    public required string Cp { get; init; }
    public required string Pp { get; init; }
    public required string Ep { get; init; }
    public required string DpShard { get; init; }
    public required string DpReplicate { get; init; }
    public required string SequenceParallel { get; init; }
    public required string VirtualStages { get; init; }
    public required string MicroBatch { get; init; }
    public required string SeqLen { get; init; }
    public required string GlobalBatch { get; init; }
    public required string Zero { get; init; }

    /// <summary>True where shards and replicas have one key, their product.</summary>
    public bool HasOneDataDegree { get; init; }

    /// <summary>The keys of <c>backtest --cases</c>.</summary>
    public static LayoutWords Case { get; } = new()
    {
        Mesh = "tp x pp x cp x dp", Tp = "tp", Cp = "cp", Pp = "pp", Ep = "ep", DpShard = "dp", DpReplicate = "dp", SequenceParallel = "sequence_parallel",
        VirtualStages = "vp", MicroBatch = "micro_batch", SeqLen = "seq", GlobalBatch = "global_batch_seqs", Zero = "zero",
        HasOneDataDegree = true,
    };

    /// <param name="path">What comes before each key; empty for nothing.</param>
    public static LayoutWords RunFile(string path)
    {
        var prefix = path.Length == 0 ? "" : $"{path}.";
        return new LayoutWords
        {
            Mesh = $"{prefix}mesh", Tp = $"{prefix}mesh.tp", Cp = $"{prefix}mesh.cp", Pp = $"{prefix}mesh.pp", Ep = $"{prefix}mesh.ep",
            DpShard = $"{prefix}mesh.dp_shard", DpReplicate = $"{prefix}mesh.dp_replicate",
            SequenceParallel = $"{prefix}parallel.sequence_parallel", VirtualStages = $"{prefix}parallel.virtual_stages",
            MicroBatch = $"{prefix}batch.micro_batch_size", SeqLen = $"{prefix}batch.seq_len",
            GlobalBatch = $"{prefix}batch.global_batch_tokens", Zero = $"{prefix}parallel.zero",
        };
    }

    /// <summary>The last name of a key, for use within a product.</summary>
    public static string Short(string key) => key[(key.LastIndexOf('.') + 1)..];
}
