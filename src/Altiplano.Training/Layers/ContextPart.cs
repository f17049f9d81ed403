using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>The rows of a microbatch that one cp rank has: of 2 · degree equal pieces the rank-th from the front and from the back.</summary>
/// <remarks>A piece's causal attention costs more the later it lies in its document; the two together cost every rank the same.</remarks>
public readonly record struct ContextPart(int Rank, int Degree)
{
    /// <summary>The pieces in the order of their rows: the number of each, counted in pieces.</summary>
    private (int First, int Second) Pieces => (Rank, 2 * Degree - 1 - Rank);

    /// <summary>Where the pieces lie when the rows of all ranks are put behind one another, by their number.</summary>
    public static IEnumerable<(int InRankOrder, int Piece)> Order(int degree) =>
        Enumerable.Range(0, degree).SelectMany(rank => new[] { (2 * rank, rank), (2 * rank + 1, 2 * degree - 1 - rank) });

    /// <summary>Rows of one piece.</summary>
    /// <exception cref="ShapeException">The rows do not divide.</exception>
    public long PieceLength(long rows) => rows % (2 * Degree) == 0
        ? rows / (2 * Degree)
        : throw new ShapeException($"A microbatch has {rows} rows, which do not divide by 2 x cp {Degree} = {2 * Degree} pieces.");

    /// <summary>This rank's elements of all rows'.</summary>
    public long[] Pick(ReadOnlySpan<long> all)
    {
        var length = (int)PieceLength(all.Length);
        return [.. all.Slice(Pieces.First * length, length), .. all.Slice(Pieces.Second * length, length)];
    }

    /// <summary>This rank's queries, cut where documents end, with the keys of all ranks that they see.</summary>
    /// <param name="rows">Of all ranks.</param>
    public IReadOnlyList<QueryPiece> QueriesOf(IReadOnlyList<Segment> documents, long rows)
    {
        var length = PieceLength(rows);
        var queries = new List<QueryPiece>();
        foreach (var (own, start) in new[] { (0L, Pieces.First * length), (length, Pieces.Second * length) })
        {
            foreach (var document in documents)
            {
                var first = Math.Max(document.Start, start);
                var end = Math.Min(document.Start + document.Length, start + length);
                if (first < end)
                    queries.Add(new QueryPiece(own + first - start, end - first, document.Start, end - document.Start));
            }
        }

        return queries;
    }
}
