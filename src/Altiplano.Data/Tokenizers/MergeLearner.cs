using System.Text;

namespace Altiplano.Data.Tokenizers;

/// <summary>Finds merges in counted pieces, one after the other, and applies each to the pieces that have it.</summary>
internal sealed class MergeLearner
{
    private readonly int[][] _pieces;
    private readonly long[] _counts;
    private readonly PairCounts _pairs = new();
    private readonly HashSet<Pair> _created = [];

    private MergeLearner(int[][] pieces, long[] counts)
    {
        _pieces = pieces;
        _counts = counts;
    }

    /// <param name="byteIds">Id of each single byte.</param>
    public static MergeLearner Create(IReadOnlyList<KeyValuePair<string, long>> pieces, int[] byteIds)
    {
        var learner = new MergeLearner(
            [.. pieces.Select(piece => Array.ConvertAll(Encoding.UTF8.GetBytes(piece.Key), value => byteIds[value]))],
            [.. pieces.Select(piece => piece.Value)]);
        for (var piece = 0; piece < learner._pieces.Length; piece++)
            learner.Count(piece, learner._counts[piece]);
        learner._pairs.EnqueueAll();
        return learner;
    }

    /// <summary>The most frequent pair; false when none occurs <paramref name="minCount"/> times.</summary>
    /// <param name="result">Id of the token that the two become.</param>
    public bool TryMerge(long minCount, int result, out Merge merge)
    {
        merge = default;
        if (!_pairs.TryFindMost(minCount, out var pair, out var pieces))
            return false;
        merge = new Merge(pair.Left, pair.Right, result);
        foreach (var piece in pieces)
            Apply(merge, piece);
        _pairs.Remove(pair);
        foreach (var created in _created)
            _pairs.Enqueue(created);
        _created.Clear();
        return true;
    }

    private void Apply(Merge merge, int piece)
    {
        var before = _pieces[piece];
        var after = Replace(before, merge);
        if (after.Length == before.Length)
            return;
        Count(piece, -_counts[piece]);
        _pieces[piece] = after;
        Count(piece, _counts[piece]);
        // Only pairs with the new token are new; no other grows.
        for (var i = 1; i < after.Length; i++)
        {
            if (after[i - 1] == merge.Result || after[i] == merge.Result)
                _created.Add(new Pair(after[i - 1], after[i]));
        }
    }

    private void Count(int piece, long count)
    {
        var ids = _pieces[piece];
        for (var i = 1; i < ids.Length; i++)
            _pairs.Add(new Pair(ids[i - 1], ids[i]), count, piece);
    }

    private static int[] Replace(int[] ids, Merge merge)
    {
        var merged = new int[ids.Length];
        var count = 0;
        for (var i = 0; i < ids.Length; i++)
        {
            var isPair = i + 1 < ids.Length && ids[i] == merge.Left && ids[i + 1] == merge.Right;
            merged[count++] = isPair ? merge.Result : ids[i];
            i += isPair ? 1 : 0;
        }
        Array.Resize(ref merged, count);
        return merged;
    }
}
