namespace Altiplano.Data.Corpora;

/// <summary>A sliding view of a stream: fill, look, consume.</summary>
internal sealed class ByteWindow(Stream stream, int size)
{
    private byte[] _buffer = new byte[size];
    private int _start;
    private int _end;

    /// <summary>Offset in the stream of the first byte in view.</summary>
    public long Offset { get; private set; }

    /// <summary>True once the stream has given its last byte.</summary>
    public bool IsAtEnd { get; private set; }

    public int Size => _buffer.Length;

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Reads until the view is full or the stream ends.</summary>
    public void Fill()
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < _buffer.Length && !IsAtEnd)
        {
            var read = stream.Read(_buffer, _end, _buffer.Length - _end);
            IsAtEnd = read == 0;
            _end += read;
        }
    }

    /// <summary>Doubles the view and fills it.</summary>
    public void Grow()
    {
        Array.Resize(ref _buffer, checked(_buffer.Length * 2));
        Fill();
    }

    public void Consume(int count)
    {
        _start += count;
        Offset += count;
    }

    /// <summary>Drops the byte order mark that some editors put first; call after the first fill.</summary>
    public void SkipByteOrderMark()
    {
        if (Bytes.StartsWith("\uFEFF"u8))
            Consume(3);
    }
}
