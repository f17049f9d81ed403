using Altiplano.Planning;
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

    private static void RequireEqual(StepTrace trace, StepShape shape, string what) =>
        ClosedFormComparison.Of(shape, trace, StepMemory.Of(trace)).Where(figure => figure.Planned != figure.Traced).ShouldBeEmpty(what);
}
