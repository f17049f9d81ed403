using Altiplano.Distributed;
using Altiplano.Planning.Costs.Steps;

namespace Altiplano.Training.Tracing;

/// <summary>One figure of a step: what the closed form says, and what was traced.</summary>
/// <param name="Name">For example <c>bytes of all-gather on tp</c>.</param>
public sealed record ComparedFigure(string Name, double Planned, double Traced);

/// <summary>A traced step beside its closed form, term by term.</summary>
public static class ClosedFormComparison
{
    /// <summary>Counts and bytes by axis and operation, FLOPs by operator, memory by part.</summary>
    public static IReadOnlyList<ComparedFigure> Of(StepShape shape, StepTrace trace, StepMemory memory) =>
        [.. Traffic(shape, trace), .. Flops(shape, trace), .. Bytes(shape, memory)];

    /// <summary>What was traced on each axis, as the closed form tells it.</summary>
    public static IReadOnlyList<TrafficLine> TrafficOf(StepTrace trace) =>
    [
        .. from collective in trace.Collectives
           group collective.Record by (collective.Record.Axis, Kind: KindOf(collective.Record.Kind)) into same
           orderby same.Key.Axis, same.Key.Kind
           select new TrafficLine(same.Key.Axis, same.Key.Kind, same.Count(), same.Sum(record => record.Bytes)),
    ];

    private static IEnumerable<ComparedFigure> Traffic(StepShape shape, StepTrace trace)
    {
        var (planned, traced) = (StepTraffic.Of(shape).ToDictionary(KeyOf), TrafficOf(trace).ToDictionary(KeyOf));
        foreach (var key in planned.Keys.Union(traced.Keys))
        {
            var (p, t) = (planned.GetValueOrDefault(key), traced.GetValueOrDefault(key));
            yield return new ComparedFigure($"number of {key}", p.Count, t.Count);
            yield return new ComparedFigure($"bytes of {key}", p.Bytes, t.Bytes);
        }
    }

    private static IEnumerable<ComparedFigure> Flops(StepShape shape, StepTrace trace)
    {
        var planned = StepFlops.Of(shape);
        var traced = trace.Operators.GroupBy(op => op.Call.Name).Select(same => (same.Key, Sum: same.Sum(op => op.Call.Flops)))
            .Where(sum => sum.Sum > 0).ToDictionary(sum => sum.Key, sum => sum.Sum);
        return planned.Keys.Union(traced.Keys).Select(name =>
            new ComparedFigure($"FLOPs of {name}", planned.GetValueOrDefault(name), traced.GetValueOrDefault(name)));
    }

    private static IEnumerable<ComparedFigure> Bytes(StepShape shape, StepMemory memory) =>
        StepBytes.Of(shape).Select(part => new ComparedFigure($"most bytes of {part.Key}", part.Value, memory.Peaks[part.Key]));

    private static string KeyOf(TrafficLine line) => $"{line.Kind} on {line.Axis}";

    private static TrafficKind KindOf(CollectiveKind kind) => kind switch
    {
        CollectiveKind.AllReduce => TrafficKind.AllReduce,
        CollectiveKind.ReduceScatter => TrafficKind.ReduceScatter,
        CollectiveKind.AllGather => TrafficKind.AllGather,
        CollectiveKind.AllToAll => TrafficKind.AllToAll,
        CollectiveKind.Send => TrafficKind.Send,
        CollectiveKind.Receive => TrafficKind.Receive,
        CollectiveKind.SendReceive => TrafficKind.SendReceive,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No step does this."),
    };
}
