using Altiplano.Distributed;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.Nccl;

/// <summary>The suite of every communicator, and NCCL's own failures, on a stand-in for the library.</summary>
public sealed class NcclConformanceTests(NcclStub stub) : IClassFixture<NcclStub>
{
    private const int FailingCount = 666;

    public static MatrixTheoryData<int, string> Worlds => new([1, 2, 3], ConformanceSuite.Cases.Keys);

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Case_Stub_Holds(int ranks, string name) => stub.Run(ranks, ConformanceSuite.Cases[name]);

    [Fact]
    public void AllReduce_AbsentRank_IsNamedByTheNextCall()
    {
        var options = new CommunicatorOptions { Deadline = TimeSpan.FromMilliseconds(300) };
        using var hasFailed = new CountdownEvent(2);
        var messages = new string[3];
        stub.Run(3, world =>
        {
            var dp = world.Group("dp", RankGroup.All(3));
            if (world.Rank == 1)
            {
                hasFailed.Wait(TestContext.Current.CancellationToken);
                return;
            }

            using var data = new NativeArray<float>(10, ElementType.Float32);
            dp.Run(Collective.AllReduce(data.Buffer));
            messages[world.Rank] = Should.Throw<CollectiveException>(() => dp.Start(Collective.AllReduce(data.Buffer))).Message;
            hasFailed.Signal();
        }, options);

        messages[0].ShouldBe("Rank 0 waited 0.3 s in all-reduce #0 on axis dp; absent: rank 1.");
        messages[2].ShouldBe("Rank 2 waited 0.3 s in all-reduce #0 on axis dp; absent: rank 1.");
    }

    [Fact]
    public void AllReduce_ConnectionLost_IsToldByTheNextCall() => stub.Run(1, world =>
    {
        using var data = new NativeArray<float>(FailingCount, ElementType.Float32);
        var failure = Should.Throw<CollectiveException>(() =>
        {
            while (true)
                world.Run(Collective.AllReduce(data.Buffer));
        });
        failure.Message.ShouldMatch(@"^all-reduce #\d+ on axis world: NCCL reports error 6: remote error \(peer closed the connection\)$");
    });
}
