using System.IO.MemoryMappedFiles;

namespace Altiplano.Data.TokenFiles;

/// <summary>A file seen as memory, read only, of any size.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    private MappedFile(MemoryMappedFile file, MemoryMappedViewAccessor view, byte* start, long length)
    {
        (_file, _view, Length) = (file, view, length);
        _start = start;
    }

    public long Length { get; }

    /// <exception cref="DataFormatException">The file does not exist, is empty or may not be read.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length == 0)
                throw new DataFormatException($"{path} is empty (0 bytes). Prepare the data again.");
            var file = MemoryMappedFile.CreateFromFile(
                path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            return new MappedFile(file, view, start + view.PointerOffset, length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException(
                $"{path} cannot be read: {e.Message} Make token files with `altiplano data prepare`.", e);
        }
    }

    /// <summary>Elements from a byte offset on, without a copy; valid until disposal.</summary>
    public ReadOnlySpan<T> Span<T>(long offset, int count)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + ((long)count * sizeof(T)), Length);
        return new ReadOnlySpan<T>(_start + offset, count);
    }

    /// <summary>One element of the array that begins at a byte offset.</summary>
    public T Element<T>(long offset, long index)
        where T : unmanaged => Span<T>(offset + (index * sizeof(T)), 1)[0];

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
