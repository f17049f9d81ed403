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
        var scores = Enumerable.Range(0, degree).Select(rank => new ContextPart(rank, degree).QueriesOf([new Segment(0, 128)], 128)
            .Sum(piece => piece.Length * (piece.Before + 0.5 * piece.Length))).ToList();

        scores.ShouldAllBe(score => score == 128.0 * 128 / 2 / degree);
    }

    [Fact]
    public void QueriesOf_DocumentsAcrossPieces_SeeTheirOwnKeysAlone() =>
        new ContextPart(0, 2).QueriesOf([new Segment(0, 2), new Segment(2, 11), new Segment(13, 3)], 16).ShouldBe(
        [
            new QueryPiece(0, 2, 0, 2), new QueryPiece(2, 2, 2, 2), new QueryPiece(4, 1, 2, 11), new QueryPiece(5, 3, 13, 3),
        ]);

    [Fact]
    public void Pick_RowsThatDoNotDivide_AreRefused() => Should.Throw<ShapeException>(() => new ContextPart(0, 4).Pick(new long[20]))
        .Message.ShouldBe("A microbatch has 20 rows, which do not divide by 2 x cp 4 = 8 pieces.");
}
