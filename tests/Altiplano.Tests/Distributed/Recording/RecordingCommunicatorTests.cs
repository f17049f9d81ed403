using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Recording;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.Recording;

public sealed class RecordingCommunicatorTests
{
    public static TheoryData<string> Cases => [.. ConformanceSuite.Cases.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_Recorded_Holds(string name) =>
        InProcessWorld.Run(3, world => ConformanceSuite.Cases[name](new RecordingCommunicator(world, _ => { })));

    [Fact]
    public void Start_EachKind_IsRecordedWithItsBytes()
    {
        var records = new List<CollectiveRecord>();
        var world = RecordingCommunicator.Alone(1, 4, records.Add);

        world.Run(Collective.AllReduce(Of(100), ReduceOp.Max));
        world.Run(Collective.ReduceScatter(Of(40), Of(10)));
        world.Run(Collective.AllGather(Of(10), Of(40)));
        world.Run(Collective.Send(Of(5), 2));
        world.Run(Collective.Broadcast(Of(3), 3));
        world.Run(Collective.SendReceive(Of(7), 2, Of(8), 0));
        world.Run(Collective.Barrier());

        records.ShouldBe(
        [
            new("world", RankGroup.All(4), CollectiveKind.AllReduce, ReduceOp.Max, 0, 400, null, null),
            new("world", RankGroup.All(4), CollectiveKind.ReduceScatter, ReduceOp.Sum, 1, 160, null, null),
            new("world", RankGroup.All(4), CollectiveKind.AllGather, ReduceOp.Sum, 2, 160, null, null),
            new("world", RankGroup.All(4), CollectiveKind.Send, ReduceOp.Sum, 0, 20, 2, null),
            new("world", RankGroup.All(4), CollectiveKind.Broadcast, ReduceOp.Sum, 3, 12, 3, null),
            new("world", RankGroup.All(4), CollectiveKind.SendReceive, ReduceOp.Sum, 1, 32, 2, 0),
            new("world", RankGroup.All(4), CollectiveKind.Barrier, ReduceOp.Sum, 4, 0, null, null),
        ]);
    }

    [Fact]
    public void Start_AllToAll_IsRecordedWithTheBytesOfEachRank()
    {
        var records = new List<CollectiveRecord>();
        var world = RecordingCommunicator.Alone(1, 3, records.Add);

        world.Run(Collective.AllToAll(Of(6), [1, 2, 3], Of(4), [0, 2, 2]));
        world.Run(Collective.AllToAll(Of(6), Of(6)));

        records.Select(record => record.Exchange).ShouldBe([new ExchangeBytes([4, 8, 12], [0, 8, 8]), new ExchangeBytes([8, 8, 8], [8, 8, 8])]);
    }

    [Fact]
    public void Group_OfOneOf100352Ranks_NamesWorldRanks()
    {
        var records = new List<CollectiveRecord>();
        var world = RecordingCommunicator.Alone(83_117, 100_352, records.Add);

        var pp = world.Group("pp", RankGroup.Strided(83_117 % 6272, 16, 6272));
        pp.Run(Collective.Send(Of(10), pp.Rank + 1));

        (pp.Rank, pp.Members.Count).ShouldBe((13, 16));
        records.ShouldBe([new("pp", RankGroup.Strided(83_117 % 6272, 16, 6272), CollectiveKind.Send, ReduceOp.Sum, 0, 40, 83_117 + 6272, null)]);
    }

    [Fact]
    public void Group_OfAHundredThousandRanks_TakesNoMemoryPerRank()
    {
        var world = RecordingCommunicator.Alone(83_117, 100_352, _ => { });
        var before = GC.GetAllocatedBytesForCurrentThread();

        var dp = world.Group("dp", RankGroup.Strided(1, 50_176, 2));
        dp.Run(Collective.AllReduce(Of(1_000_000_000_000)));

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(2000);
    }

    [Fact]
    public void Alone_RankOutsideTheWorld_IsRefused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => RecordingCommunicator.Alone(4, 4, _ => { }))
            .Message.ShouldContain("The world has 4 ranks.");

    [Fact]
    public void Wait_OfWhatIsDone_IsTheEndButNoWait()
    {
        var seen = new Observer();
        var world = new RecordingCommunicator(RecordingCommunicator.Alone(1, 4, _ => { }), seen);

        world.Run(Collective.Barrier());
        var (polled, waited) = (world.Start(Collective.Send(Of(5), 2)), world.Start(Collective.Send(Of(5), 3)));
        polled.IsCompleted.ShouldBeTrue();
        polled.Wait();
        waited.Wait();
        waited.Wait();

        seen.Events.ShouldBe(
        [
            "start barrier 0", "wait barrier 0", "end barrier 0", "start send 0", "start send 1", "end send 0", "wait send 1", "end send 1",
        ]);
    }

    private sealed class Observer : ICollectiveObserver
    {
        public List<string> Events { get; } = [];

        public void OnStart(in CollectiveRecord collective) => Add("start", collective);

        public void OnWait(in CollectiveRecord collective) => Add("wait", collective);

        public void OnEnd(in CollectiveRecord collective) => Add("end", collective);

        private void Add(string what, CollectiveRecord collective) => Events.Add($"{what} {collective.Kind.Name()} {collective.Sequence}");
    }

    private static NativeBuffer Of(long count) => new(0, count, ElementType.Float32);
}
