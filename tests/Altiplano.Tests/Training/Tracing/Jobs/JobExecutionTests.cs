using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Training.Tracing;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Tests.Training.Tracing.Jobs;

/// <summary>Programs by hand: four ranks, rows 0 1 and 2 3 on axis x, columns 0 2 and 1 3 on axis y.</summary>
public sealed class JobExecutionTests
{
    private const string X = "x", Y = "y";

    [Fact]
    public void FindDeadlock_AxesInOneOrder_FindsNone() => Find([X, Y], [X, Y], [X, Y], [X, Y]).ShouldBeNull();

    /// <summary>Each axis on its own has one all-reduce on every rank: only together they hang.</summary>
    [Fact]
    public void FindDeadlock_AxesInOrdersThatCross_NamesTheCircle()
    {
        var circle = Find([X, Y], [Y, X], [Y, X], [X, Y]);

        circle.ShouldNotBeNull();
        circle.Select(waiting => (waiting.Class, waiting.Operation.Axis, waiting.For)).ShouldBe([(0, X, 1), (1, Y, 3), (3, X, 2), (2, Y, 0)]);
        circle.ShouldAllBe(waiting => !waiting.IsOver);
    }

    [Fact]
    public void FindDeadlock_ARankThatEndsEarly_SaysThatItsStepIsOver() =>
        Find([X, Y], [X], [X, Y], [X, Y])!.Select(waiting => (waiting.Class, waiting.For, waiting.IsOver)).ShouldBe([(3, 1, true)]);

    /// <summary>Two ranks that send to each other before they receive: nothing is buffered.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void FindDeadlock_SendsBothWays_HangsWhereTheyAreWaitedForFirst(bool waitsFirst)
    {
        var pair = RankGroup.All(2);
        var programs = new[] { 0, 1 }.Select(rank =>
        {
            var send = new CollectiveRecord(X, pair, CollectiveKind.Send, ReduceOp.Sum, 0, 8, 1 - rank, null);
            var receive = new CollectiveRecord(X, pair, CollectiveKind.Receive, ReduceOp.Sum, 1, 8, null, 1 - rank);
            return RankProgram.Of(TraceOf((0, waitsFirst ? 1 : 3, send), (2, 4, receive)), rank);
        });

        var deadlock = new JobExecution(new JobPrograms([.. programs]), [new GroupPattern(X, pair, [0, 1], 1)]).FindDeadlock();

        (deadlock is not null).ShouldBe(waitsFirst);
    }

    private static IReadOnlyList<Waiting>? Find(params string[][] axesOfRanks)
    {
        var programs = axesOfRanks.Select((axes, rank) => RankProgram.Of(TraceOf([.. axes.Select((axis, i) => (2 * i, 2 * i + 1, new CollectiveRecord(
            axis, GroupOf(axis, rank), CollectiveKind.AllReduce, ReduceOp.Sum, 0, 8, null, null)))]), rank));
        return new JobExecution(
            new JobPrograms([.. programs]),
            [
                new GroupPattern(X, RankGroup.Of(0, 1), [0, 1], 1), new GroupPattern(X, RankGroup.Of(2, 3), [2, 3], 1),
                new GroupPattern(Y, RankGroup.Of(0, 2), [0, 2], 1), new GroupPattern(Y, RankGroup.Of(1, 3), [1, 3], 1),
            ]).FindDeadlock();
    }

    private static RankGroup GroupOf(string axis, int rank) => axis == X ? RankGroup.Strided(rank / 2 * 2, 2, 1) : RankGroup.Strided(rank % 2, 2, 2);

    private static StepTrace TraceOf(params (int Start, int Wait, CollectiveRecord Record)[] collectives) => new()
    {
        Operators = [], Allocations = [], Actions = [], NumEvents = 8,
        Collectives = [.. collectives.Select(c => new TracedCollective(c.Start, c.Wait, c.Record, null, null, null))],
    };
}
