using Altiplano.Distributed;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Tests.Training.Tracing;

/// <summary>The closed form of a step against the traced one, for every layout of the self test and every class of ranks in it.</summary>
public sealed class PlanAgainstTraceTests
{
    /// <summary>Recompute, element type, and whether the head is the embedding.</summary>
    public static TheoryData<Recompute, Precision, bool> Runs => new()
    {
        { Recompute.None, Precision.Fp32, false }, { Recompute.Selective, Precision.Bf16, true }, { Recompute.Full, Precision.Fp64, false },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void Traffic_EveryLayout_IsTheTracedOne(Recompute recompute, Precision precision, bool isTied) =>
        ForEachClass(recompute, precision, isTied, (trace, shape, what) =>
            StepTraffic.Of(shape).ShouldBe(TrafficOf(trace), what));

    [Theory]
    [MemberData(nameof(Runs))]
    public void Flops_EveryLayout_AreTheTracedOnes(Recompute recompute, Precision precision, bool isTied) =>
        ForEachClass(recompute, precision, isTied, (trace, shape, what) =>
            StepFlops.Of(shape).ToList().ShouldBe(
                [.. trace.Operators.GroupBy(op => op.Call.Name).Select(same => KeyValuePair.Create(same.Key, same.Sum(op => op.Call.Flops)))
                    .Where(sum => sum.Value > 0).OrderBy(sum => sum.Key, StringComparer.Ordinal)], what));

    private static List<TrafficLine> TrafficOf(StepTrace trace) =>
    [
        .. from collective in trace.Collectives
           group collective.Record by (collective.Record.Axis, Kind: KindOf(collective.Record.Kind)) into same
           orderby same.Key
           select new TrafficLine(same.Key.Axis, same.Key.Kind, same.Count(), same.Sum(record => record.Bytes)),
    ];

    private static TrafficKind KindOf(CollectiveKind kind) => kind switch
    {
        CollectiveKind.AllReduce => TrafficKind.AllReduce,
        CollectiveKind.ReduceScatter => TrafficKind.ReduceScatter,
        CollectiveKind.AllGather => TrafficKind.AllGather,
        CollectiveKind.Send => TrafficKind.Send,
        _ => TrafficKind.Receive,
    };

    private static void ForEachClass(Recompute recompute, Precision precision, bool isTied, Action<StepTrace, StepShape, string> check)
    {
        var spec = new TrialSpec();
        var model = spec.Architecture with { TieWordEmbeddings = isTied };
        foreach (var trial in TrialLayout.Grid(16))
        {
            var toy = TracedTrials.SettingOf(trial);
            var setting = toy with { Model = model, Precision = precision, Layout = toy.Layout with { Recompute = recompute } };
            foreach (var ranks in RankClasses.Of(setting).All)
                check(ShapeStep.Run(setting, ranks.First), setting.ShapeOf(ranks.First), $"{trial}, rank {ranks.First}");
        }
    }
}
