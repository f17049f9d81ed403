using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Nccl;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.Nccl;

/// <summary>The suite of every communicator, and NCCL's own failures, on a stand-in for the library.</summary>
[Collection(NcclStubCollection.Name)]
public sealed class NcclConformanceTests(NcclStub stub)
{
    private const int FailingCount = 666;

    public static MatrixTheoryData<int, string> Worlds => new([1, 2, 3], ConformanceSuite.Cases.Keys);

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Case_Stub_Holds(int ranks, string name) => stub.Run(ranks, ConformanceSuite.Cases[name]);

    [Fact]
    public void AllReduce_AbsentRank_IsNamedByTheNextCall()
    {
        var options = new CommunicatorOptions { Deadline = TimeSpan.FromSeconds(1) };
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

        messages[0].ShouldBe("Rank 0 waited 1 s in all-reduce #0 on axis dp; absent: rank 1.");
        messages[2].ShouldBe("Rank 2 waited 1 s in all-reduce #0 on axis dp; absent: rank 1.");
    }

    [Fact]
    public void Connect_RankDoesNotCome_EndsAtTheDeadline()
    {
        stub.Require();
        var options = new NcclOptions { Communicator = new CommunicatorOptions { Deadline = TimeSpan.FromMilliseconds(50) } };
        Should.Throw<CollectiveException>(() => InProcessWorld.Run(2, control =>
        {
            using var id = new NativeArray<byte>(NcclUniqueId.Size, ElementType.Byte);
            if (control.Rank == 1)
                control.Run(Collective.Broadcast(id.Buffer, 0));
            else
                NcclWorld.Connect(control, options);
        })).Message.ShouldBe("NCCL has not connected the ranks in 0.05 s.");
    }

    [Fact]
    public void Connect_NoSuchGpu_IsTold()
    {
        stub.Require();
        Should.Throw<CollectiveException>(() => InProcessWorld.Run(1, control => NcclWorld.Connect(control, new NcclOptions { Device = 1 })))
            .Message.ShouldBe("CUDA reports error 101: CUDA_ERROR_INVALID_DEVICE");
    }

    [Fact]
    public void Version_Old_IsRefused() => Should.Throw<CommunicationLibraryException>(() => NcclLibrary.Require(21705))
        .Message.ShouldBe("NCCL is version 2.17.5, but 2.18.0 or later is needed.");

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
