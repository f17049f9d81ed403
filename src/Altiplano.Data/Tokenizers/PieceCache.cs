using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Altiplano.Data.Tokenizers;

/// <summary>
/// Ids of short pieces met before: 16,384 of them in 1 MiB, a newer one replaces the older of its slot. Not thread-safe.
/// </summary>
/// <remarks>
/// Text repeats its words, and a hit costs two cache lines; see docs/decisions/tokenizer-engine.md for what it brings.
/// </remarks>
internal sealed class PieceCache
{
    public const int MaxChars = 16;
    private const int MaxIds = 6;
    private const int SlotBits = 14;

    private readonly Entry[] _entries = new Entry[1 << SlotBits];

    /// <summary>
    /// The piece as a key, padded with zeros; 1 to <see cref="MaxChars"/> characters of <paramref name="text"/>.
    /// </summary>
    public static Vector256<ushort> Key(ReadOnlySpan<char> text, int start, int length)
    {
        ref var units = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text));
        if (start + MaxChars <= text.Length)
        {
            var inside = Vector256.LessThan(Vector256<ushort>.Indices, Vector256.Create((ushort)length));
            return Vector256.LoadUnsafe(ref units, (nuint)start) & inside;
        }
        Span<ushort> padded = stackalloc ushort[MaxChars];
        padded.Clear();
        MemoryMarshal.Cast<char, ushort>(text.Slice(start, length)).CopyTo(padded);
        return Vector256.Create<ushort>(padded);
    }

    /// <summary>Appends the ids of the piece where they are known.</summary>
    public bool TryAppend(in Vector256<ushort> key, int length, List<int> ids)
    {
        ref readonly var entry = ref _entries[Slot(key)];
        if (entry.Length != length || entry.Key != key)
            return false;
        for (var i = 0; i < entry.Count; i++)
            ids.Add(entry.Ids[i]);
        return true;
    }

    public void Store(in Vector256<ushort> key, int length, ReadOnlySpan<int> ids)
    {
        if (ids.Length > MaxIds)
            return;
        ref var entry = ref _entries[Slot(key)];
        entry.Key = key;
        entry.Length = length;
        entry.Count = ids.Length;
        ids.CopyTo(entry.Ids);
    }

    private static int Slot(in Vector256<ushort> key)
    {
        var lanes = key.AsUInt64();
        var hash = lanes[0] * 0x9E3779B97F4A7C15 + lanes[1] * 0xC2B2AE3D27D4EB4F
            + lanes[2] * 0x165667B19E3779F9 + lanes[3] * 0xD6E8FEB86659FD93;
        return (int)(((hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15) >> (64 - SlotBits));
    }

    private struct Entry
    {
        public Vector256<ushort> Key;
        public int Length;
        public int Count;
        public IdBuffer Ids;
    }

    [InlineArray(MaxIds)]
    private struct IdBuffer
    {
        private int _first;
    }
}
