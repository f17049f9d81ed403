using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;

namespace Altiplano.Tests.Planning.Calibration;

/// <summary>Step times of published runs by the stacks that ship; the bars are those that docs/results/planner-accuracy.md reports.</summary>
public sealed class PlannerAccuracyTests(ITestOutputHelper output)
{
    private static readonly StackCatalog Stacks = new(PresetFolder.Shipped());

    [Fact]
    public void StepTime_RecommendedA100_IsWithinSevenPercent()
    {
        var errors = Recommended("a100");

        errors.Count.ShouldBe(28);
        errors.Mean.ShouldBeLessThan(0.07);
        errors.Median.ShouldBeLessThan(0.05);
        Math.Abs(errors.Bias).ShouldBeLessThan(0.03);
    }

    /// <summary>Two runs of nanotron took two and four times as long as predicted; no term that reads the layout explains them.</summary>
    [Fact]
    public void StepTime_RecommendedH100_IsWithinNinePercent()
    {
        var errors = Recommended("h100");

        errors.Count.ShouldBe(44);
        errors.Mean.ShouldBeLessThan(0.09);
        errors.Median.ShouldBeLessThan(0.05);
        Math.Abs(errors.Bias).ShouldBeLessThan(0.045);
    }

    [Theory]
    [InlineData("vtrain-multi.csv", 41)]
    [InlineData("vtrain-single.csv", 200)]
    public void StepTime_VTrain_IsWithinEightPercent(string file, int runs)
    {
        var mapper = new CaseMapper(new HardwareCatalog(PresetFolder.Shipped()).Server);
        var cases = VTrainFile.Read(TestAssets.Require(file)).Select(run => mapper.TryMap(run, out var mapped, out _) ? mapped : null);

        var errors = Summary(file, cases.OfType<MappedCase>());

        errors.Count.ShouldBe(runs);
        errors.Mean.ShouldBeLessThan(0.08);
    }

    [Fact]
    public void StepTime_AllCompleteRuns_IsWithinSevenPercent()
    {
        var complete = PublishedRuns.Read().Where(c => c.Run.IsComplete).ToList();
        foreach (var source in complete.GroupBy(c => $"{Stack(c).Name} {c.Run.Source}").OrderBy(g => g.Key, StringComparer.Ordinal))
            Summary(source.Key, source);

        var errors = Summary("all", complete);

        errors.Mean.ShouldBeLessThan(0.07);
        errors.Median.ShouldBeLessThan(0.04);
        Math.Abs(errors.Bias).ShouldBeLessThan(0.02);
        errors.Coverage.ShouldBeInRange(0.75, 0.95);
    }

    private ErrorSummary Recommended(string gpu) => Summary(
        gpu, PublishedRuns.Read().Where(c => c.Run is { IsRecommended: true, IsComplete: true } && c.Cluster.Gpu.Name.StartsWith(gpu, StringComparison.Ordinal)));

    private ErrorSummary Summary(string name, IEnumerable<MappedCase> cases)
    {
        var errors = ErrorSummary.Of([.. cases.Where(c => c.MeasuredSeconds is not null).Select(Compare)]);
        output.WriteLine(
            $"{name}: n {errors.Count}, mean {errors.Mean:P1}, median {errors.Median:P1}, p95 {errors.P95:P1}, most {errors.Max:P1}, " +
            $"bias {errors.Bias:P1}, covered {errors.Coverage:P0}");
        return errors;
    }

    private static Comparison Compare(MappedCase run)
    {
        var stack = Stack(run);
        var predicted = new TimeModel(run.Workload, run.Cluster, stack.Time).Evaluate(run.Layout).Time.Total;
        return new Comparison(run.MeasuredSeconds!.Value, Figure.Around(predicted, stack.RelativeSigma, stack.Evidence));
    }

    private static StackCoefficients Stack(MappedCase run) =>
        Stacks.For(run.Cluster.Gpu, run.Cluster.Network.Kind, run.Workload.Precision);
}
