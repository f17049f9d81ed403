using System.Diagnostics;
using System.Runtime.InteropServices;
using Altiplano.Distributed;
using Altiplano.Planning.Machines;

namespace Altiplano.Training.Measuring;

/// <summary>Times the collectives of a group of ranks, from latency to bandwidth.</summary>
internal sealed unsafe class CollectiveProbe(ICommunicator world)
{
    private const int LargestLogBytes = 24;

    /// <summary>From 4 KiB to 16 MiB.</summary>
    private static readonly int[] LogBytes = [12, 14, 16, 18, 20, 22, LargestLogBytes];

    /// <summary>Affine time of each kind of operation: of every size the median of the slowest rank's times.</summary>
    /// <remarks>Messages one way are taken to cost what a step of a ring does, which all ranks take at once.</remarks>
    public IReadOnlyList<CollectiveCost> Measure()
    {
        var bytes = 1L << LargestLogBytes;
        var (input, output) = ((nint)NativeMemory.AllocZeroed((nuint)bytes), (nint)NativeMemory.AllocZeroed((nuint)bytes));
        try
        {
            List<CollectiveCost> costs = [.. Kinds.Select(kind => CostFit.Collective(kind.Name, Samples(kind.Make, input, output)))];
            return [.. costs, costs[^1] with { Name = CollectiveKind.Send.Name() }, costs[^1] with { Name = CollectiveKind.Receive.Name() }];
        }
        finally
        {
            NativeMemory.Free((void*)input);
            NativeMemory.Free((void*)output);
        }
    }

    private int Ranks => world.Members.Count;

    private IEnumerable<(string Name, Func<nint, nint, long, Collective> Make)> Kinds =>
    [
        (CollectiveKind.AllReduce.Name(), (input, _, count) => Collective.AllReduce(Floats(input, count))),
        (CollectiveKind.ReduceScatter.Name(), (input, output, count) => Collective.ReduceScatter(Floats(input, count), Floats(output, count / Ranks))),
        (CollectiveKind.AllGather.Name(), (input, output, count) => Collective.AllGather(Floats(output, count / Ranks), Floats(input, count))),
        (CollectiveKind.AllToAll.Name(), (input, output, count) => Collective.AllToAll(Floats(input, count), Floats(output, count))),
        (CollectiveKind.SendReceive.Name(), (input, output, count) => Collective.SendReceive(
            Floats(input, count), (world.Rank + 1) % Ranks, Floats(output, count), (world.Rank + Ranks - 1) % Ranks)),
    ];

    private List<CostSample> Samples(Func<nint, nint, long, Collective> make, nint input, nint output)
    {
        var samples = new List<CostSample>();
        foreach (var log in LogBytes)
        {
            var count = (1L << log) / sizeof(float) / Ranks * Ranks;
            var collective = make(input, output, count);
            samples.Add(new CostSample(0, count * sizeof(float), Median(collective, log <= 18 ? 60 : 12), 1));
        }

        return samples;
    }

    private double Median(Collective collective, int repetitions)
    {
        var times = new double[repetitions];
        double slowest;
        var all = new NativeBuffer((nint)(&slowest), 1, ElementType.Float64);
        for (var i = -repetitions / 4; i < repetitions; i++)
        {
            world.Run(Collective.Barrier());
            var started = Stopwatch.GetTimestamp();
            world.Run(collective);
            slowest = Stopwatch.GetElapsedTime(started).TotalSeconds;
            world.Run(Collective.AllReduce(all, ReduceOp.Max));
            if (i >= 0)
                times[i] = slowest;
        }

        Array.Sort(times);
        return times[repetitions / 2];
    }

    private static NativeBuffer Floats(nint address, long count) => new(address, count, ElementType.Float32);
}
