using Altiplano.Distributed;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>Sums of a step's trace: what a prediction needs to know of it.</summary>
internal static class StepWorks
{
    /// <summary>Operators by name, collectives by axis and kind, and the peak of memory.</summary>
    public static StepWork Of(StepTrace trace) => new()
    {
        Operators = [.. trace.Operators.GroupBy(op => op.Call.Name).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g =>
            new OperatorWork(g.Key, g.Count(), g.Sum(op => op.Call.Flops), g.Sum(op => (double)op.Call.Bytes)))],
        Collectives = [.. trace.Collectives.GroupBy(c => (c.Record.Axis, c.Record.Kind)).OrderBy(g => g.Key).Select(g =>
            new CollectiveWork(g.Key.Axis, g.Key.Kind.Name(), g.Count(), g.Sum(c => (double)c.Record.Bytes)))],
        PeakTensors = new Bytes(PeakOf(trace)),
        LargestTensor = new Bytes(trace.Allocations.Max(life => life.Bytes)),
    };

    private static long PeakOf(StepTrace trace)
    {
        var changes = new long[trace.NumEvents + 2];
        foreach (var life in trace.Allocations)
        {
            changes[life.Place is { } place ? place + 1 : 0] += life.Bytes;
            if (life.ReleasePlace is { } release)
                changes[release + 1] -= life.Bytes;
        }

        var (alive, peak) = (0L, 0L);
        foreach (var change in changes)
            peak = Math.Max(peak, alive += change);
        return peak;
    }
}
