using Altiplano.Distributed;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Tests.Training.Tracing;

/// <summary>The closed form of a step against the traced one, for every layout of the self test, and of each class of ranks the two that differ most.</summary>
public sealed class PlanAgainstTraceTests
{
    /// <summary>Recompute, element type, and whether the head is the embedding.</summary>
    public static TheoryData<Recompute, Precision, bool> Runs => new()
    {
        { Recompute.None, Precision.Fp32, false }, { Recompute.Selective, Precision.Bf16, true }, { Recompute.Full, Precision.Fp64, false },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void ClosedForm_EveryLayout_IsTheTrace(Recompute recompute, Precision precision, bool isTied)
    {
        var model = new TrialSpec().Architecture with { TieWordEmbeddings = isTied };
        foreach (var trial in TrialLayout.Grid(16))
        {
            var toy = TracedTrials.SettingOf(trial);
            var setting = toy with { Model = model, Precision = precision, Layout = toy.Layout with { Recompute = recompute } };
            foreach (var rank in RankClasses.Of(setting).All.SelectMany(ranks => new[] { ranks.First, ranks.Last }).Distinct())
                RequireEqual(ShapeStep.Run(setting, rank), setting.ShapeOf(rank), $"{trial}, rank {rank}");
        }
    }

    private static void RequireEqual(StepTrace trace, StepShape shape, string what)
    {
        StepTraffic.Of(shape).ShouldBe(TrafficOf(trace), what);
        StepFlops.Of(shape).ToList().ShouldBe(FlopsOf(trace), what);
        var peaks = StepMemory.Of(trace).Peaks;
        StepBytes.Of(shape).ToList().ShouldBe([.. Enum.GetValues<StepPart>().Select(part => KeyValuePair.Create(part, peaks[part]))], what);
    }

    private static List<KeyValuePair<string, double>> FlopsOf(StepTrace trace) =>
    [
        .. from op in trace.Operators
           group op.Call.Flops by op.Call.Name into same
           orderby same.Key
           let flops = same.Sum()
           where flops > 0
           select KeyValuePair.Create(same.Key, flops),
    ];

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
}
