using System.Globalization;
using Altiplano.Distributed;

namespace Altiplano.Training.Measuring;

/// <summary>How much of the machine's cores programs other than ours used, from its making on.</summary>
/// <param name="world">Ranks that are ours too; null for this process alone.</param>
/// <param name="isOneProcess">True where the ranks are threads, which see the time of one and the same process.</param>
internal sealed class ForeignLoad(ICommunicator? world, bool isOneProcess)
{
    private const string Statistics = "/proc/stat";
    private const int FirstTime = 1;
    private const int IdleField = 4;
    private const int WaitingField = 5;
    private const int NumFields = 8;

    private readonly (double Busy, double All) _before = Read();
    private readonly double _ownBefore = Own();

    /// <returns>0 where nothing else ran, 1 where others had all cores; the same on all ranks.</returns>
    public double Share()
    {
        var now = Read();
        var own = Sum(Own() - _ownBefore);
        var all = now.All - _before.All;
        return all <= 0 ? 0 : Largest(Math.Clamp((now.Busy - _before.Busy - own) / all, 0, 1));
    }

    private static double Own() => Environment.CpuUsage.TotalTime.TotalSeconds;

    /// <summary>Seconds of all cores since the start, as Linux counts them: user, nice, system, idle, waiting for disks, interrupts, stolen.</summary>
    private static (double Busy, double All) Read()
    {
        if (!File.Exists(Statistics))
            return default;
        var fields = File.ReadLines(Statistics).First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Linux counts in hundredths of a second whatever the kernel's own clock.
        double[] seconds = [.. fields.Skip(FirstTime).Take(NumFields).Select(text => double.Parse(text, CultureInfo.InvariantCulture) / 100)];
        var idle = seconds[IdleField - FirstTime] + seconds[WaitingField - FirstTime];
        return (seconds.Sum() - idle, seconds.Sum());
    }

    private double Sum(double value) => Reduce(value, isOneProcess ? ReduceOp.Max : ReduceOp.Sum);

    private double Largest(double value) => Reduce(value, ReduceOp.Max);

    private unsafe double Reduce(double value, ReduceOp op)
    {
        world?.Run(Collective.AllReduce(new NativeBuffer((nint)(&value), 1, ElementType.Float64), op));
        return value;
    }
}
