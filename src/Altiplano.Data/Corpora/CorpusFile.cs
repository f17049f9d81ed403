using ICSharpCode.SharpZipLib.GZip;
using ZstdSharp;

namespace Altiplano.Data.Corpora;

/// <summary>One file of a corpus.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Name">Its path relative to the input that it was found under, with '/': the same on every machine.</param>
/// <param name="NumBytes">Its size on disk.</param>
public sealed record CorpusFile(string Path, string Name, CorpusFormat Format, long NumBytes)
{
    private const int BufferBytes = 1 << 20;

    private static readonly string[] s_textExtensions =
    [
        ".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".org", ".tex",
        ".c", ".h", ".cc", ".cpp", ".cs", ".fs", ".go", ".java", ".js", ".ts", ".py", ".rs", ".rb", ".sh", ".sql",
    ];

    public static string KnownExtensions =>
        $"{string.Join(' ', s_textExtensions)} .jsonl .ndjson, each alone or with .gz or .zst, and .parquet";

    /// <summary>The uncompressed bytes, forward only but for Parquet; the caller disposes it.</summary>
    /// <param name="disk">The file itself, whose position tells how much of it is read; disposed with the result.</param>
    public Stream Open(out FileStream disk)
    {
        disk = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
        // .NET's GZipStream takes a truncated file for a whole one; SharpZipLib's checks length and checksum.
        return System.IO.Path.GetExtension(Path) switch
        {
            ".gz" => new GZipInputStream(disk),
            ".zst" => new DecompressionStream(disk, leaveOpen: false),
            _ => disk,
        };
    }

    /// <summary>The format that a file's name says; null when it says none that is known.</summary>
    internal static CorpusFormat? FormatOf(string path)
    {
        var extension = System.IO.Path.GetExtension(path);
        if (extension == ".parquet")
            return CorpusFormat.Parquet;
        if (extension is ".gz" or ".zst")
            extension = System.IO.Path.GetExtension(path[..^extension.Length]);
        if (extension is ".jsonl" or ".ndjson")
            return CorpusFormat.JsonLines;
        return s_textExtensions.Contains(extension) ? CorpusFormat.Text : null;
    }

    internal bool IsCompressed => System.IO.Path.GetExtension(Path) is ".gz" or ".zst";
}
