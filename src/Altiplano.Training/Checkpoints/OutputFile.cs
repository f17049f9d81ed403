using System.IO.Hashing;
using Microsoft.Win32.SafeHandles;

namespace Altiplano.Training.Checkpoints;

/// <summary>A file of known length written from start to end, with its checksum.</summary>
/// <remarks>
/// The space is reserved when it is opened, so a full disk shows before the first byte. The checksum is XxHash128: it guards
/// against truncation and bad disks, not against forgers, and runs at memory speed where SHA-256 would be slower than the disk.
/// </remarks>
internal sealed class OutputFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly XxHash128 _hash = new();
    private readonly long _length;
    private long _position;

    /// <param name="length">Bytes that will be written.</param>
    /// <exception cref="IOException">The disk is full, or the folder cannot be written.</exception>
    public OutputFile(string path, long length)
    {
        FullPath = path;
        _length = length;
        _handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
    }

    public string FullPath { get; }

    /// <exception cref="IOException">The disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(_handle, bytes, _position);
        _hash.Append(bytes);
        _position += bytes.Length;
    }

    /// <summary>Forces the bytes to the disk.</summary>
    /// <returns>The file's record for a manifest.</returns>
    public FileRecord Complete()
    {
        if (_position != _length)
            throw new InvalidOperationException($"{FullPath}: {_position:N0} bytes were written, {_length:N0} announced");
        RandomAccess.FlushToDisk(_handle);
        return new FileRecord(Path.GetFileName(FullPath), _length, Convert.ToHexStringLower(_hash.GetCurrentHash()));
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>The checksum of a whole file, as <see cref="Complete"/> records it.</summary>
    public static string Checksum(string path)
    {
        var hash = new XxHash128();
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        hash.Append(file);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }
}
