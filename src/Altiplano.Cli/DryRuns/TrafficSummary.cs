using Altiplano.Distributed;
using Altiplano.Training.Tracing;

namespace Altiplano.Cli.DryRuns;

/// <summary>All operations of a kind on one axis.</summary>
/// <param name="Least">Bytes of the smallest.</param>
/// <param name="Most">Bytes of the largest.</param>
internal sealed record TrafficSummary(string Axis, int Ranks, CollectiveKind Kind, int Count, long Bytes, long Least, long Most)
{
    /// <summary>The axes with most bytes first.</summary>
    public static IReadOnlyList<TrafficSummary> Of(StepTrace trace)
    {
        var lines = from collective in trace.Collectives
                    group collective.Record by (collective.Record.Axis, collective.Record.Ranks, collective.Record.Kind) into same
                    select new TrafficSummary(
                        same.Key.Axis, same.Key.Ranks, same.Key.Kind, same.Count(), same.Sum(record => record.Bytes),
                        same.Min(record => record.Bytes), same.Max(record => record.Bytes));
        return [.. lines.GroupBy(line => line.Axis).OrderByDescending(axis => axis.Sum(line => line.Bytes)).SelectMany(axis => axis.OrderByDescending(line => line.Bytes))];
    }
}

/// <summary>All calls of one operator.</summary>
internal sealed record OperatorSummary(string Name, int Count, double Flops, double Bytes)
{
    /// <summary>Those with most operations first.</summary>
    public static IReadOnlyList<OperatorSummary> Of(StepTrace trace) =>
    [
        .. trace.Operators.GroupBy(op => op.Call.Name)
            .Select(same => new OperatorSummary(same.Key, same.Count(), same.Sum(op => op.Call.Flops), same.Sum(op => (double)op.Call.Bytes)))
            .OrderByDescending(op => op.Flops).ThenByDescending(op => op.Bytes),
    ];
}
