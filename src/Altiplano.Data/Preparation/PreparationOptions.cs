using Altiplano.Data.Corpora;

namespace Altiplano.Data.Preparation;

/// <summary>What text becomes which token files.</summary>
public sealed record PreparationOptions
{
    /// <summary>Files and folders of text; see <see cref="Corpora.Corpus.Open"/>.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Path of the token files without extension.</summary>
    public required string Output { get; init; }

    public CorpusOptions Corpus { get; init; } = new();

    /// <summary>Puts the tokenizer's begin id before each document.</summary>
    public bool AddBos { get; init; } = true;

    /// <summary>Puts the tokenizer's end id behind each document.</summary>
    public bool AddEos { get; init; } = true;

    /// <summary>
    /// Share of the documents, 0 to below 1, that goes to <see cref="ValidationOutput"/>, chosen by a hash of their names.
    /// </summary>
    public double ValidationShare { get; init; }

    /// <summary>Documents are encoded on so many threads; the bytes written do not depend on it.</summary>
    public int Workers { get; init; } = Environment.ProcessorCount;

    public string ValidationOutput => Output + "-val";
}
