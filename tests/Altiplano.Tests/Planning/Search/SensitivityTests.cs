using Altiplano.Planning;
using Altiplano.Planning.Search;

namespace Altiplano.Tests.Planning.Search;

public sealed class SensitivityTests
{
    /// <summary>Factors below 1 that make things better; for all others less is worse or nothing.</summary>
    private static readonly string[] Burdens =
        ["network latency", "spread between ranks", "expert imbalance", "failure rate", "time to recover", "price of energy"];

    private static readonly TrainingPlan Plan = new Planner(SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(16), 32, 32)).Plan();

    [Fact]
    public void Of_EveryResource_LessNeverHelpsAndMoreNeverHurts()
    {
        var resources = Sensitivity.Of(Plan).Where(s => !Burdens.Contains(s.Name) && s.Name != "global batch").ToArray();

        resources.Length.ShouldBeGreaterThan(8);
        resources.ShouldAllBe(s => s.Factor < 1 ? s.Kept.Seconds >= 0 : s.Kept.Seconds <= 0);
    }

    [Fact]
    public void Of_EveryBurden_LessNeverHurtsAndMoreNeverHelps() =>
        Sensitivity.Of(Plan).Where(s => Burdens.Contains(s.Name)).ShouldAllBe(s => s.Factor < 1 ? s.Kept.Seconds <= 0 : s.Kept.Seconds >= 0);

    [Fact]
    public void Of_SlowerMatrices_CostWhatTheyTakeOfTheStep()
    {
        var slower = Sensitivity.Of(Plan).Single(s => s is { Name: "matrix efficiency", Factor: 0.8 });

        // A quarter more of the time that products take; a little of it hides gradients that were not hidden before.
        var share = Plan.Main.Winner.Step.Time.Matrices / Plan.Main.Winner.Step.Time.Total;
        slower.Kept.Step.ShouldBeInRange(0.235 * share, 0.25);
    }

    [Fact]
    public void Of_AnyFactor_TheBestListedLayoutIsNoWorseThanTheWinner() =>
        Sensitivity.Of(Plan).ShouldAllBe(s => s.Best.Of(Plan.Request.Objective) <= s.Kept.Of(Plan.Request.Objective));

    [Fact]
    public void Of_Order_IsByEffect()
    {
        var largest = Sensitivity.Of(Plan).GroupBy(s => s.Name).Select(pair => pair.Max(s => Math.Abs(s.Kept.Seconds))).ToArray();

        largest.ShouldBe(largest.OrderDescending());
    }

    [Fact]
    public void Of_Batch_ChangesTheStepsNotTheTokens()
    {
        var twice = Sensitivity.Of(Plan).Single(s => s is { Name: "global batch", Factor: > 1 });

        twice.Factor.ShouldBe(2);
        twice.Kept.Step.ShouldBeInRange(0.5, 1);
        twice.Kept.Seconds.ShouldBeInRange(-0.3, 0);
    }

    [Fact]
    public void Of_Phases_CountsAll()
    {
        var request = Plan.Request with { Phases = [new PlanPhase("ramp", 1e9, 1024, 32, 32), new PlanPhase("rest", 9e9, 2048, 32, 32)] };

        var unchanged = PlanTotals.Of(request, new Planner(request).Plan(), new Planner(request).Plan().Main.Winner);

        unchanged.Seconds.ShouldBe(new Planner(request).Plan().Seconds, 1e-6);
    }
}
