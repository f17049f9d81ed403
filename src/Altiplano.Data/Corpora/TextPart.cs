namespace Altiplano.Data.Corpora;

/// <summary>A document, or a piece of one that is too large to be held as a whole.</summary>
/// <param name="Line">Line in JSONL or row in Parquet, from 1; 0 for a plain text file, which is one document.</param>
/// <param name="Text">Never empty, but for the last part of a document that has others.</param>
public readonly record struct TextPart(long Line, string Text, bool StartsDocument = true, bool EndsDocument = true)
{
    /// <summary>The place right behind this part.</summary>
    public CorpusPosition Next { get; init; }

    /// <summary>Bytes of the file on disk that are read so far, for a progress bar.</summary>
    public long FileBytesRead { get; init; }
}
