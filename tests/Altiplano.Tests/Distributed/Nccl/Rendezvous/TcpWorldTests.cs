using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Altiplano.Distributed;
using Altiplano.Distributed.Launchers;
using Altiplano.Distributed.Nccl;
using Altiplano.Distributed.Nccl.Rendezvous;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.Nccl.Rendezvous;

/// <summary>Ranks that meet over TCP, and NCCL's stand-in started from there.</summary>
[Collection(NcclStubCollection.Name)]
public sealed class TcpWorldTests(NcclStub stub)
{
    private static readonly CommunicatorOptions Hurried = new() { Deadline = TimeSpan.FromSeconds(1) };

    public static TheoryData<int> Worlds => [1, 2, 4];

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Connect_AllCome_TheSuiteOfCommunicatorsHolds(int ranks)
    {
        stub.Require();
        var port = FreePort();
        var failures = RunRanks(ranks, rank =>
        {
            using var world = NcclWorld.Connect(Launched(rank, ranks, port), new NcclOptions());
            foreach (var run in ConformanceSuite.Cases.Values)
                run(new HostVisible(world.Communicator));
        });

        failures.ShouldAllBe(failure => failure == "");
    }

    [Fact]
    public void AllReduce_AbsentRank_IsNamedOverTheRendezvous()
    {
        stub.Require();
        var port = FreePort();
        using var hasFailed = new CountdownEvent(2);
        var failures = RunRanks(3, rank =>
        {
            var world = NcclWorld.Connect(Launched(rank, 3, port), new NcclOptions { Communicator = Hurried });
            var dp = new HostVisible(world.Communicator.Group("dp", RankGroup.All(3)));
            if (rank == 1)
            {
                hasFailed.Wait(TestContext.Current.CancellationToken);
                return;
            }

            try
            {
                using var data = new NativeArray<float>(10, ElementType.Float32);
                while (true)
                    ((ICommunicator)dp).Run(Collective.AllReduce(data.Buffer));
            }
            finally
            {
                hasFailed.Signal();
            }
        });

        failures[0].ShouldBe("Rank 0 waited 1 s in all-reduce #0 on axis dp; absent: rank 1.");
        failures[2].ShouldBe("Rank 2 waited 1 s in all-reduce #0 on axis dp; absent: rank 1.");
    }

    [Fact]
    public void Connect_RankDoesNotCome_EveryRankNamesIt()
    {
        var port = FreePort();

        var failures = RunRanks(4, rank =>
        {
            if (rank != 2)
                TcpWorld.Connect(Launched(rank, 4, port), Hurried);
        });

        var expected = $"Rank 0 waited 1 s at port {port} for all 4 ranks; absent: rank 2.";
        failures.ShouldBe([expected, expected, "", expected]);
    }

    [Fact]
    public void Connect_Rank0DoesNotCome_IsTold()
    {
        var port = FreePort();

        RunRanks(2, rank =>
        {
            if (rank == 1)
                TcpWorld.Connect(Launched(rank, 2, port), new CommunicatorOptions { Deadline = TimeSpan.FromSeconds(0.3) });
        })[1].ShouldMatch($@"^Rank 1 waited 0\.3 s for rank 0 at 127\.0\.0\.1:{port}: .*\.$");
    }

    [Fact]
    public void Connect_WorldsOfTwoSizes_AreTold()
    {
        var port = FreePort();

        var failures = RunRanks(2, rank => TcpWorld.Connect(Launched(rank, rank == 0 ? 2 : 3, port), Hurried));

        failures.ShouldAllBe(failure => Regex.IsMatch(
            failure, @"^Rank 1 \(.*127\.0\.0\.1\) was started in a world of 3 ranks, rank 0 in one of 2\. WORLD_SIZE must be the same everywhere\.$"));
    }

    [Fact]
    public void Connect_TwoOfOneRank_AreTold()
    {
        var port = FreePort();

        RunRanks(3, rank => TcpWorld.Connect(Launched(rank == 0 ? 0 : 1, 3, port), Hurried))[0].ShouldMatch(
            @"^Two processes say that they are rank 1 \(.*, .*\)\. RANK must be another one in each process\.$");
    }

    [Fact]
    public void Connect_RankOutsideTheWorld_IsTold()
    {
        var port = FreePort();

        RunRanks(2, rank => TcpWorld.Connect(Launched(rank == 0 ? 0 : 7, 2, port), Hurried))[0].ShouldMatch(
            @"^A process \(.*\) says that it is rank 7, but besides rank 0 there are ranks 1 to 1\. Set RANK of each process\.$");
    }

    [Fact]
    public void Connect_StrangersAtThePort_AreSentAway()
    {
        var port = FreePort();
        using var haveBeenSentAway = new ManualResetEventSlim();

        var failures = RunRanks(2, rank =>
        {
            if (rank == 1)
            {
                Knock(port);
                haveBeenSentAway.Set();
            }

            using var world = TcpWorld.Connect(Launched(rank, 2, port), Hurried with { Deadline = TimeSpan.FromSeconds(20) });
            world.Run(Collective.Barrier());
        });

        failures.ShouldBe(["", ""]);
        haveBeenSentAway.IsSet.ShouldBeTrue();
    }

    [Fact]
    public void Connect_PortIsTaken_IsTold()
    {
        using var listener = TcpListener.Create(0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        Should.Throw<CollectiveException>(() => TcpWorld.Connect(Launched(0, 2, port), Hurried)).Message
            .ShouldMatch($@"^MASTER_PORT is {port}, which rank 0 cannot listen on: .*\. Use a free port\.$");
    }

    [Fact]
    public void Start_Data_IsRefused()
    {
        using var world = TcpWorld.Connect(Launched(0, 1, FreePort()), Hurried);
        using var data = new NativeArray<float>(10, ElementType.Float32);

        Should.Throw<CollectiveException>(() => world.Run(Collective.AllReduce(data.Buffer))).Message
            .ShouldBe("all-reduce #0 on axis world: the rendezvous only starts NCCL, which moves data.");
    }

    private static Launcher Launched(int rank, int size, int port) =>
        new() { Kind = LauncherKind.Torchrun, Rank = rank, Size = size, MasterAddress = "127.0.0.1", MasterPort = port };

    /// <summary>Runs each rank on a thread of its own.</summary>
    /// <returns>What each failed with; empty where it did not.</returns>
    private static string[] RunRanks(int ranks, Action<int> body)
    {
        var failures = new string[ranks];
        var threads = Enumerable.Range(0, ranks).Select(rank => new Thread(() => failures[rank] = Run(rank))).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return failures;

        string Run(int rank)
        {
            try
            {
                body(rank);
                return "";
            }
            catch (Exception failure)
            {
                return failure.Message;
            }
        }
    }

    /// <summary>A program of another kind, which is hung up on, and one that says nothing.</summary>
    private static void Knock(int port)
    {
        using var browser = new TcpClient();
        while (!browser.Connected)
        {
            try
            {
                browser.Connect(IPAddress.Loopback, port);
            }
            catch (SocketException)
            {
                Thread.Yield();
            }
        }

        browser.GetStream().Write("GET / HTTP/1.1\r\n\r\n"u8);
        browser.GetStream().ReadByte().ShouldBe(-1);
        using var silent = new TcpClient();
        silent.Connect(IPAddress.Loopback, port);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
