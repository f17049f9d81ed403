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
        PeakTensors = new Bytes(StepMemory.Of(trace).PeakBytes),
        LargestTensor = new Bytes(trace.Allocations.Max(life => life.Bytes)),
    };
}
