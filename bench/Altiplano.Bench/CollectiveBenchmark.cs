using System.Diagnostics;
using System.Runtime.InteropServices;
using Altiplano.Distributed;
using Altiplano.Distributed.Mpi;

namespace Altiplano.Bench;

/// <summary>Times our all-reduce of floats over MPI as bench/allreduce.c times the library's own.</summary>
internal static unsafe class CollectiveBenchmark
{
    /// <param name="pairs">MEGABYTES ITERATIONS ...</param>
    /// <remarks>Rank 0 prints "ours MB ms": medians of the slowest rank after as many iterations to warm up.</remarks>
    public static int Run(string[] pairs) => MpiWorld.Run(
        world =>
        {
            for (var i = 0; i + 1 < pairs.Length; i += 2)
            {
                var milliseconds = Median(world, long.Parse(pairs[i]) * 1_000_000, int.Parse(pairs[i + 1]));
                if (world.Rank == 0)
                    Console.WriteLine($"ours {pairs[i]} {milliseconds:F4}");
            }

            return 0;
        },
        exception =>
        {
            Console.Error.WriteLine(exception);
            return 1;
        });

    private static double Median(ICommunicator world, long bytes, int iterations)
    {
        var memory = NativeMemory.AllocZeroed((nuint)bytes);
        new Span<byte>(memory, (int)bytes).Clear();
        var data = new NativeBuffer((nint)memory, bytes / sizeof(float), ElementType.Float32);
        var times = new double[iterations];
        double slowest;
        var all = new NativeBuffer((nint)(&slowest), 1, ElementType.Float64);
        for (var i = -iterations; i < iterations; i++)
        {
            world.Run(Collective.Barrier());
            var started = Stopwatch.GetTimestamp();
            world.Run(Collective.AllReduce(data));
            slowest = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            world.Run(Collective.AllReduce(all, ReduceOp.Max));
            if (i >= 0)
                times[i] = slowest;
        }

        NativeMemory.Free(memory);
        Array.Sort(times);
        return times[iterations / 2];
    }
}
