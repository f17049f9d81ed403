namespace Altiplano.Training.Loop.Metrics;

/// <summary>A file of one JSON object a line, each on disk before the next is written.</summary>
internal sealed class JsonLines : IDisposable
{
    private readonly FileStream _file;

    /// <summary>Opens a file to append, without what came after the first <paramref name="keptBytes"/>.</summary>
    public JsonLines(string path, long keptBytes)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        _file.SetLength(keptBytes);
        _file.Seek(0, SeekOrigin.End);
    }

    /// <summary>
    /// Bytes of the leading lines of a file that are complete and that <paramref name="isKept"/> accepts; 0 without a file.
    /// </summary>
    /// <remarks>A process that was killed may leave half a line; it is not kept.</remarks>
    public static long CountBytes(string path, Func<ReadOnlySpan<byte>, bool> isKept)
    {
        if (!File.Exists(path))
            return 0;
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        var kept = 0L;
        while (rest.IndexOf((byte)'\n') is var length and >= 0 && isKept(rest[..length]))
        {
            kept += length + 1;
            rest = rest[(length + 1)..];
        }

        return kept;
    }

    public void Append(ReadOnlySpan<byte> json)
    {
        _file.Write(json);
        _file.Write("\n"u8);
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();
}
