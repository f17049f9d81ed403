using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>The rows of a microbatch that one cp rank has: of 2 · degree equal pieces the rank-th from the front and from the back.</summary>
/// <remarks>A piece's causal attention costs more the later it lies in its document; the two together cost every rank the same.</remarks>
/// <param name="Method">How the ranks see one another's keys and values.</param>
public readonly record struct ContextPart(int Rank, int Degree, ContextParallelMethod Method = ContextParallelMethod.AllGather)
{
    /// <summary>The pieces in the order of their rows: the number of each, counted in pieces.</summary>
    private (int First, int Second) Pieces => PiecesOf(Rank);

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

    /// <summary>This rank's queries, cut where documents end, with the keys that they see at one time.</summary>
    /// <param name="rows">Of all ranks.</param>
    /// <returns>
    /// A list for each time: one where all keys are gathered, in the order of rows; on a ring one for each rank that keys come from, this
    /// rank's own first, then those of the ranks before it, which lie as <see cref="Pick"/> gives them.
    /// </returns>
    public IReadOnlyList<IReadOnlyList<QueryPiece>> QueriesOf(IReadOnlyList<Segment> documents, long rows)
    {
        var length = PieceLength(rows);
        if (Method == ContextParallelMethod.AllGather)
            return [OfAllKeys(documents, length)];
        var (rank, degree) = (Rank, Degree);
        var part = this;
        return [.. Enumerable.Range(0, degree).Select(step => part.OfKeysFrom((rank - step + degree) % degree, documents, length))];
    }

    private (int First, int Second) PiecesOf(int rank) => (rank, 2 * Degree - 1 - rank);

    private List<QueryPiece> OfAllKeys(IReadOnlyList<Segment> documents, long length)
    {
        var queries = new List<QueryPiece>();
        foreach (var (own, document) in OwnParts(documents, length))
            queries.Add(new QueryPiece(own.InPart, own.Length, document.Start, own.Start + own.Length - document.Start));
        return queries;
    }

    /// <summary>A document that reaches into both of a rank's pieces covers all between them: its keys there follow each other in the part.</summary>
    private List<QueryPiece> OfKeysFrom(int rank, IReadOnlyList<Segment> documents, long length)
    {
        var queries = new List<QueryPiece>();
        var source = this with { Rank = rank };
        foreach (var (own, document) in OwnParts(documents, length))
        {
            var keys = source.OwnParts([document], length).Select(part => part.Own).Where(part => part.Start <= own.Start).ToList();
            if (keys.Count > 0)
            {
                queries.Add(new QueryPiece(
                    own.InPart, own.Length, keys[0].InPart, keys.Sum(part => part.Length), IsCausal: keys[^1].Start == own.Start));
            }
        }

        return queries;
    }

    /// <summary>What of each document lies in each of the rank's two pieces.</summary>
    private IEnumerable<(DocumentPart Own, Segment Document)> OwnParts(IReadOnlyList<Segment> documents, long length)
    {
        foreach (var (inPart, start) in new[] { (0L, Pieces.First * length), (length, Pieces.Second * length) })
        {
            foreach (var document in documents)
            {
                var first = Math.Max(document.Start, start);
                var end = Math.Min(document.Start + document.Length, start + length);
                if (first < end)
                    yield return (new DocumentPart(inPart + first - start, first, end - first), document);
            }
        }
    }

    /// <param name="InPart">First row among the rank's own.</param>
    /// <param name="Start">First row among all ranks'.</param>
    private readonly record struct DocumentPart(long InPart, long Start, long Length);
}
