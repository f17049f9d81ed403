namespace Altiplano.Data.Corpora;

/// <summary>How the files of a corpus are read.</summary>
public sealed record CorpusOptions
{
    /// <summary>Key of the text in a line of JSONL; column of the text in Parquet.</summary>
    public string TextKey { get; init; } = "text";

    public InvalidUtf8 InvalidUtf8 { get; init; } = InvalidUtf8.Error;
}
