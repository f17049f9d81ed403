namespace Altiplano.Planning.Architecture;

/// <summary>The model of a run: its shape, what to call it, and the weights it starts from.</summary>
public sealed record ModelSpec
{
    /// <summary>A preset's name, or a name for a model that the run file describes.</summary>
    public required string Name { get; init; }

    public required LlamaArchitecture Architecture { get; init; }

    /// <summary>A Hugging Face folder whose weights training starts from; null for freshly initialised weights.</summary>
    public string? Weights { get; init; }
}
