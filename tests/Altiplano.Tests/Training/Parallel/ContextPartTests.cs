using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Parallel;

public sealed class ContextPartTests
{
    [Fact]
    public void Pick_AllRanks_AreAllRowsAndTheirOrderIsKnown()
    {
        long[] rows = [.. Enumerable.Range(0, 24)];

        var inRankOrder = Enumerable.Range(0, 3).SelectMany(rank => new ContextPart(rank, 3).Pick(rows)).ToList();

        var inRowOrder = new long[24];
        foreach (var (place, piece) in ContextPart.Order(3))
            inRankOrder.GetRange(place * 4, 4).CopyTo(inRowOrder, piece * 4);
        inRowOrder.ShouldBe(rows);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void QueriesOf_OneDocument_CostEveryRankTheSame(int degree)
    {
        var scores = Enumerable.Range(0, degree).Select(rank => new ContextPart(rank, degree).QueriesOf([new Segment(0, 128)], 128)[0]
            .Sum(piece => piece.Length * (piece.Before + 0.5 * piece.Length))).ToList();

        scores.ShouldAllBe(score => score == 128.0 * 128 / 2 / degree);
    }

    [Fact]
    public void QueriesOf_DocumentsAcrossPieces_SeeTheirOwnKeysAlone() =>
        new ContextPart(0, 2).QueriesOf([new Segment(0, 2), new Segment(2, 11), new Segment(13, 3)], 16)[0].ShouldBe(
        [
            new QueryPiece(0, 2, 0, 2), new QueryPiece(2, 2, 2, 2), new QueryPiece(4, 1, 2, 11), new QueryPiece(5, 3, 13, 3),
        ]);

    /// <summary>No rank of a ring waits for one that has more to do.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void QueriesOf_OneDocumentOnARing_CostEveryRankTheSameAtEachTime(int degree)
    {
        for (var step = 0; step < degree; step++)
        {
            var scores = Enumerable.Range(0, degree).Select(rank => OnRing(rank, degree, new Segment(0, 128))[step].Sum(Scores)).ToList();

            scores.ShouldAllBe(score => score == scores[0]);
        }
    }

    /// <summary>Every pair of a query and a key that it sees is met once, whatever the documents.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void QueriesOf_DocumentsOnARing_MeetEveryKeyOnce(int degree)
    {
        Segment[] documents = [new(0, 5), new(5, 37), new(42, 20), new(62, 2)];

        var scores = Enumerable.Range(0, degree).Sum(rank => OnRing(rank, degree, documents).Sum(pieces => pieces.Sum(Scores)));

        scores.ShouldBe(documents.Sum(document => 0.5 * document.Length * document.Length));
    }

    [Fact]
    public void QueriesOf_ShortDocumentsOnARing_LeaveOutWhatTheyDoNotSee() =>
        OnRing(1, 2, new Segment(0, 4), new Segment(4, 5), new Segment(9, 7)).ShouldBe(
        [
            [new QueryPiece(0, 4, 0, 4), new QueryPiece(4, 1, 0, 5), new QueryPiece(5, 3, 5, 3)],
            [],
        ]);

    [Fact]
    public void Pick_RowsThatDoNotDivide_AreRefused() => Should.Throw<ShapeException>(() => new ContextPart(0, 4).Pick(new long[20]))
        .Message.ShouldBe("A microbatch has 20 rows, which do not divide by 2 x cp 4 = 8 pieces.");

    private static IReadOnlyList<IReadOnlyList<QueryPiece>> OnRing(int rank, int degree, params Segment[] documents) =>
        new ContextPart(rank, degree, ContextParallelMethod.Ring).QueriesOf(documents, documents[^1].Start + documents[^1].Length);

    private static double Scores(QueryPiece piece) => piece.Length * (piece.Before + (piece.IsCausal ? 0.5 * piece.Length : 0));
}
