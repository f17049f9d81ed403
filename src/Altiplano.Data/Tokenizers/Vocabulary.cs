using System.Buffers.Binary;
using System.Numerics;

namespace Altiplano.Data.Tokenizers;

/// <summary>The bytes of every token, and the token of given bytes.</summary>
/// <remarks>One byte array and an open-addressing table: lookups touch no object and allocate nothing.</remarks>
internal sealed class Vocabulary
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly int[] _slots;

    private Vocabulary(byte[] bytes, int[] starts, int[] slots)
    {
        _bytes = bytes;
        _starts = starts;
        _slots = slots;
    }

    public int Count => _starts.Length - 1;

    public ReadOnlySpan<byte> this[int id] => _bytes.AsSpan(_starts[id], _starts[id + 1] - _starts[id]);

    /// <param name="tokens">Bytes by id; an empty one is a token that text never becomes.</param>
    /// <param name="source">File that the tokens come from, for the message.</param>
    /// <exception cref="DataFormatException">Two ids have the same bytes.</exception>
    public static Vocabulary Create(IReadOnlyList<byte[]> tokens, string source)
    {
        var starts = new int[tokens.Count + 1];
        for (var id = 0; id < tokens.Count; id++)
            starts[id + 1] = starts[id] + tokens[id].Length;
        var bytes = new byte[starts[^1]];
        var slots = new int[BitOperations.RoundUpToPowerOf2((uint)(2 * tokens.Count + 2))];
        var vocabulary = new Vocabulary(bytes, starts, slots);
        for (var id = 0; id < tokens.Count; id++)
        {
            tokens[id].CopyTo(bytes, starts[id]);
            if (tokens[id].Length > 0)
                vocabulary.Add(id, source);
        }
        return vocabulary;
    }

    /// <summary>The token that has these bytes; -1 when none has.</summary>
    public int Find(ReadOnlySpan<byte> bytes)
    {
        var mask = _slots.Length - 1;
        for (var slot = (int)Hash(bytes) & mask; _slots[slot] != 0; slot = (slot + 1) & mask)
        {
            if (this[_slots[slot] - 1].SequenceEqual(bytes))
                return _slots[slot] - 1;
        }
        return -1;
    }

    private void Add(int id, string source)
    {
        var same = Find(this[id]);
        if (same >= 0)
        {
            throw new DataFormatException(
                $"{source}: ids {same} and {id} are both the token \"{ByteUnicode.Encode(this[id])}\";"
                + " every token needs bytes of its own.");
        }
        var mask = _slots.Length - 1;
        var slot = (int)Hash(this[id]) & mask;
        while (_slots[slot] != 0)
            slot = (slot + 1) & mask;
        _slots[slot] = id + 1;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong multiplier = 0x9E3779B97F4A7C15;
        var hash = (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = BitOperations.RotateLeft((hash ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes)) * multiplier, 29);
        foreach (var value in bytes)
            hash = BitOperations.RotateLeft((hash ^ value) * multiplier, 29);
        return (uint)((hash * multiplier) >> 32);
    }
}
