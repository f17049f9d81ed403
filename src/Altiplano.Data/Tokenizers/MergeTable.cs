using System.Numerics;

namespace Altiplano.Data.Tokenizers;

/// <summary>Two neighbouring tokens become one.</summary>
internal readonly record struct Merge(int Left, int Right, int Result);

/// <summary>Merges by pair.</summary>
internal sealed class MergeTable
{
    private readonly Entry[] _entries;
    private readonly int _shift;

    private MergeTable(Entry[] entries, int shift)
    {
        _entries = entries;
        _shift = shift;
    }

    /// <param name="merges">Earlier ones are applied first. Neighbours with one result are equal, so that the leftmost in the text is
    /// applied first: this is what ranks mean, where a merge has no place but the rank of its result.</param>
    public static MergeTable Create(IReadOnlyList<Merge> merges)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)(2 * merges.Count + 2));
        var table = new MergeTable(new Entry[size], 64 - BitOperations.Log2(size));
        var priority = 0;
        for (var i = 0; i < merges.Count; i++)
        {
            if (i == 0 || merges[i].Result != merges[i - 1].Result)
                priority = i;
            ref var entry = ref table.EntryOf(Key(merges[i].Left, merges[i].Right));
            entry = new Entry(Key(merges[i].Left, merges[i].Right), priority, merges[i].Result);
        }
        return table;
    }

    /// <summary>Priority of the merge of two tokens, lower first; -1 when they do not merge.</summary>
    public int Find(int left, int right, out int result)
    {
        ref readonly var entry = ref EntryOf(Key(left, right));
        result = entry.Result;
        return entry.Key == 0 ? -1 : entry.Priority;
    }

    private ref Entry EntryOf(ulong key)
    {
        var mask = _entries.Length - 1;
        var slot = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_entries[slot].Key != key && _entries[slot].Key != 0)
            slot = (slot + 1) & mask;
        return ref _entries[slot];
    }

    // Left is stored plus one, so that no key is 0, which marks a free entry.
    private static ulong Key(int left, int right) => ((ulong)(uint)(left + 1) << 32) | (uint)right;

    private readonly record struct Entry(ulong Key, int Priority, int Result);
}
