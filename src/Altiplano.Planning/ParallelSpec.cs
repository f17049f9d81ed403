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

/// <summary>How the work of one step is spread and what it trades memory for.</summary>
public sealed record ParallelSpec
{
    public Recompute Recompute { get; init; } = Recompute.None;

    /// <summary>Rows (tokens) of the head and loss computed at a time, so that the full logits never exist.</summary>
    public OrAuto<int> HeadChunkRows { get; init; }
}
