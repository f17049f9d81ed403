using Altiplano.Distributed;
using Altiplano.Distributed.Faults;
using Altiplano.Distributed.Mpi;
using Altiplano.MpiTests;

// conformance: every case; rendezvous: without MPI; loop: all-reduces without end, for faults from outside; any other word: what befalls
// rank 1 while the others are in a collective.
var isSuite = args is ["conformance"];
var options = new CommunicatorOptions
{
    Deadline = TimeSpan.FromSeconds(isSuite ? 120 : 1), Coordinates = rank => $"dp {rank}",
};
if (args is ["rendezvous"])
    return RendezvousScenario.Run(options);
return MpiWorld.Run(world => isSuite ? RunAll(world) : FailureScenarios.Run(args[0], world), Report, options);

static int RunAll(ICommunicator world)
{
    foreach (var (name, run) in ConformanceSuite.Cases)
    {
        try
        {
            run(world);
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"{name}: {exception.Message}", exception);
        }
    }

    if (world.Rank == 0)
        Console.WriteLine($"{ConformanceSuite.Cases.Count} cases passed on {world.Members.Count} ranks of {MpiWorld.LibraryVersion()}");
    return 0;
}

static int Report(Exception exception)
{
    Console.Error.WriteLine(exception is CollectiveException or RankKilledException ? exception.Message : exception.ToString());
    return exception is CollectiveException ? 75 : 1;
}
