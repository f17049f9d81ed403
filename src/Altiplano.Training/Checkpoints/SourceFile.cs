using Microsoft.Win32.SafeHandles;

namespace Altiplano.Training.Checkpoints;

/// <summary>A file read at any offset, by several threads at once.</summary>
/// <remarks>
/// Read with pread rather than mapped: one copy straight into the destination, no resident pages of the file on the process's
/// account, and a failing disk or a file cut short under us is an exception, where a mapping kills the process with SIGBUS.
/// </remarks>
internal sealed class SourceFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private SourceFile(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
    }

    public string Path { get; }

    /// <summary>Bytes when it was opened.</summary>
    public long Length { get; }

    /// <exception cref="CheckpointException">It does not exist or cannot be read.</exception>
    public static SourceFile Open(string path)
    {
        try
        {
            return new SourceFile(path, File.OpenHandle(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/>, in bytes.</summary>
    /// <exception cref="CheckpointException">The file ends before, or the disk fails.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        try
        {
            for (var done = 0; done < destination.Length;)
            {
                var count = RandomAccess.Read(_handle, destination[done..], offset + done);
                if (count == 0)
                {
                    throw new CheckpointException(
                        $"{Path}: ends at byte {offset + done:N0}, but {offset + destination.Length:N0} bytes are needed. " +
                        "Truncated?");
                }

                done += count;
            }
        }
        catch (IOException e)
        {
            throw new CheckpointException($"{Path}: cannot be read at byte {offset:N0}: {e.Message}", e);
        }
    }

    public void Dispose() => _handle.Dispose();
}
