using Altiplano.Distributed;
using Altiplano.Distributed.Launchers;
using Altiplano.Distributed.Nccl.Rendezvous;

namespace Altiplano.MpiTests;

/// <summary>Processes with torchrun's variables meet, and pass a number from rank 0 to all.</summary>
internal static class RendezvousScenario
{
    private const long Secret = 20261124;

    public static int Run(CommunicatorOptions options)
    {
        var launcher = Launcher.Detect();
        using var world = TcpWorld.Connect(launcher, options);
        using var number = new NativeArray<long>(1, ElementType.Int64);
        number.Span[0] = world.Rank == 0 ? Secret : 0;
        world.Run(Collective.Broadcast(number.Buffer, 0));
        world.Run(Collective.Barrier());
        Console.WriteLine($"rank {launcher.Rank} of {launcher.Size} got {number.Span[0]}");
        return number.Span[0] == Secret ? 0 : 1;
    }
}
