using System.Diagnostics;
using Altiplano.Distributed;
using Altiplano.Distributed.Faults;

namespace Altiplano.MpiTests;

/// <summary>Rank 1 goes astray in the fifth all-reduce on axis dp; what the others say is tested from outside.</summary>
internal static class FailureScenarios
{
    private const int Struck = 4;

    public static int Run(string scenario, ICommunicator world)
    {
        var dp = world.Group("dp", RankGroup.All(world.Members.Count));
        var communicator = world.Rank == 1 && scenario != "loop" ? new FaultyCommunicator(dp, Find(scenario)) : dp;
        if (scenario == "loop")
            Loop(dp);
        using var data = new NativeArray<float>(300_000, ElementType.Float32);
        for (var i = 0; i <= Struck; i++)
            communicator.Run(Collective.AllReduce(data.Buffer));
        // Who was dropped from the last one is still there, and answers that it has not come.
        if (scenario == "drop" && world.Rank == 1)
            Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static void Loop(ICommunicator dp)
    {
        using var data = new NativeArray<float>(1_000, ElementType.Float32);
        for (var step = 0; ; step++)
        {
            dp.Run(Collective.AllReduce(data.Buffer));
            if (dp.Rank == 0)
                Console.WriteLine($"step {step}");
        }
    }

    private static Fault Find(string scenario) => scenario switch
    {
        "drop" => new Fault(FaultKind.Drop, "dp", Struck),
        "hang" => new Fault(FaultKind.Delay, "dp", Struck) { Delay = () => Thread.Sleep(Timeout.Infinite) },
        "stop" => new Fault(FaultKind.Kill, "dp", Struck) { Kill = () => Signal("STOP") },
        "die" => new Fault(FaultKind.Kill, "dp", Struck) { Kill = () => Signal("KILL") },
        "throw" => new Fault(FaultKind.Kill, "dp", Struck),
        _ => throw new ArgumentException($"'{scenario}' is no scenario; there are drop, hang, stop, die and throw.", nameof(scenario)),
    };

    private static void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Environment.ProcessId.ToString()]);
        kill.WaitForExit();
    }
}
