namespace Altiplano.Data.Corpora;

/// <summary>What a corpus file holds, told by its name.</summary>
public enum CorpusFormat
{
    /// <summary>One document a file.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    JsonLines,

    /// <summary>One document a row.</summary>
    Parquet,
}
