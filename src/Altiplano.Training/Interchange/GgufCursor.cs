using System.Buffers.Binary;
using System.Text;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>
/// Reads the head of a GGUF file from front to back; nothing is allocated that the rest of the file could not hold.
/// </summary>
internal sealed class GgufCursor(SourceFile file)
{
    private readonly byte[] _window = new byte[64 << 10];
    private long _windowStart;
    private int _windowLength;

    public long Position { get; private set; }

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Next(sizeof(uint), "a number"));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Next(sizeof(ulong), "a number"));

    public string Text()
    {
        var length = Count("a string", 1);
        if (length <= _window.Length)
            return Encoding.UTF8.GetString(Next((int)length, "a string"));
        var bytes = new byte[length];
        file.Read(Position, bytes);
        Position += length;
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>A value of a metadata type; arrays hold values of one type and no arrays.</summary>
    public object Value(uint type) => type switch
    {
        0 => Next(1, "a value")[0],
        1 => (sbyte)Next(1, "a value")[0],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(Next(2, "a value")),
        3 => BinaryPrimitives.ReadInt16LittleEndian(Next(2, "a value")),
        4 => UInt32(),
        5 => BinaryPrimitives.ReadInt32LittleEndian(Next(4, "a value")),
        6 => BinaryPrimitives.ReadSingleLittleEndian(Next(4, "a value")),
        7 => Next(1, "a value")[0] != 0,
        8 => Text(),
        9 => Items(UInt32()),
        10 => UInt64(),
        11 => BinaryPrimitives.ReadInt64LittleEndian(Next(8, "a value")),
        12 => BinaryPrimitives.ReadDoubleLittleEndian(Next(8, "a value")),
        _ => throw UnknownType(type),
    };

    private Array Items(uint type) => type switch
    {
        0 => Fill<byte>(type, 1),
        1 => Fill<sbyte>(type, 1),
        2 => Fill<ushort>(type, 2),
        3 => Fill<short>(type, 2),
        4 => Fill<uint>(type, 4),
        5 => Fill<int>(type, 4),
        6 => Fill<float>(type, 4),
        7 => Fill<bool>(type, 1),
        8 => Fill<string>(type, 8),
        10 => Fill<ulong>(type, 8),
        11 => Fill<long>(type, 8),
        12 => Fill<double>(type, 8),
        _ => throw UnknownType(type),
    };

    private T[] Fill<T>(uint type, int leastBytes)
    {
        var items = new T[Count("an array", leastBytes)];
        for (var i = 0; i < items.Length; i++)
            items[i] = (T)Value(type);
        return items;
    }

    /// <summary>A length that the rest of the file must be able to hold.</summary>
    private long Count(string what, int bytesEach)
    {
        var at = Position;
        var count = UInt64();
        if (count > (ulong)((file.Length - Position) / bytesEach))
        {
            throw new CheckpointException(
                $"{file.Path}: {what} at byte {at:N0} has {count:N0} items of {bytesEach} bytes or more, but " +
                $"{file.Length - Position:N0} bytes follow. Truncated?");
        }

        return (long)count;
    }

    private ReadOnlySpan<byte> Next(int count, string what)
    {
        if (Position + count > file.Length)
        {
            throw new CheckpointException(
                $"{file.Path}: {what} at byte {Position:N0} takes {count:N0} bytes, but the file has {file.Length:N0}. " +
                "Truncated?");
        }

        if (Position + count > _windowStart + _windowLength || Position < _windowStart)
        {
            _windowStart = Position;
            _windowLength = (int)Math.Min(_window.Length, file.Length - Position);
            file.Read(_windowStart, _window.AsSpan(0, _windowLength));
        }

        var bytes = _window.AsSpan((int)(Position - _windowStart), count);
        Position += count;
        return bytes;
    }

    private CheckpointException UnknownType(uint type) =>
        new(
            $"{file.Path}: a value before byte {Position:N0} has metadata type {type}; types 0 to 12 exist, " +
            "and arrays of arrays are not read.");
}
