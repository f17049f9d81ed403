using System.Reflection;
using Altiplano.Planning;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Tests.Planning.Costs;

namespace Altiplano.Tests.Planning.Calibration;

public sealed class CalibratorTests
{
    [Fact]
    public void All_Coefficients_AreTheFieldsOfTheRecordInTheirOrder()
    {
        var fields = typeof(TimeCoefficients).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => SnakeCase(p.Name));

        FittedCoefficient.All.Select(c => c.Name).Order().ShouldBe(fields.Order());
        FittedCoefficient.All.Count.ShouldBeLessThanOrEqualTo(25);
    }

    [Fact]
    public void All_GetAfterWith_IsTheValue()
    {
        foreach (var c in FittedCoefficient.All)
            c.Get(c.With(TimeSamples.Coefficients, (c.Low + c.High) / 2)).ShouldBe((c.Low + c.High) / 2, c.Name);
    }

    [Fact]
    public void Unbounded_ThereAndBack_IsTheValue()
    {
        foreach (var c in FittedCoefficient.All)
        {
            var value = c.Get(TimeSamples.Coefficients);
            c.FromUnbounded(c.ToUnbounded(value)).ShouldBe(value, 2e-4 * (c.High - c.Low), c.Name);
        }
    }

    [Fact]
    public void Fit_PointsOfAnotherStack_FindsItsTimes()
    {
        var truth = TimeSamples.Coefficients with { MatrixEfficiency = 0.6, NvlinkEfficiency = 0.5 };
        var points = Points(truth, noise: _ => 1);

        var fitted = Calibrator.Fit(points, TimeSamples.Coefficients);

        points.Max(p => Math.Abs(Calibrator.LogError(p, fitted))).ShouldBeLessThan(0.04);
        fitted.MatrixEfficiency.ShouldBeInRange(0.6, 0.72);
    }

    [Fact]
    public void Fit_OneWrongMeasurement_IsNotFollowed()
    {
        var points = Points(TimeSamples.Coefficients, noise: i => i == 3 ? 4 : 1);

        var fitted = Calibrator.Fit(points, TimeSamples.Coefficients);

        points.Where((_, i) => i != 3).Max(p => Math.Abs(Calibrator.LogError(p, fitted))).ShouldBeLessThan(0.05);
    }

    [Fact]
    public void Fit_CoefficientsThatNoRunDependsOn_StayAsThePriorHasThem()
    {
        var points = Points(TimeSamples.Coefficients with { MatrixEfficiency = 0.6 }, noise: _ => 1);

        var fitted = Calibrator.Fit(points, TimeSamples.Coefficients);

        fitted.CastTraffic.ShouldBe(TimeSamples.Coefficients.CastTraffic);
        fitted.ExpertImbalance.ShouldBe(TimeSamples.Coefficients.ExpertImbalance);
        fitted.ExpertParallelOverlap.ShouldBe(TimeSamples.Coefficients.ExpertParallelOverlap);
    }

    /// <summary>Two sources agree; one is half as fast and has ten times the runs.</summary>
    [Fact]
    public void FamilyPrior_OneOddSource_IsOutvoted()
    {
        var slow = TimeSamples.Coefficients with { MatrixEfficiency = 0.35 };
        var usual = new[] { "a", "b" }.SelectMany(source => Points(TimeSamples.Coefficients, _ => 1).Select(p => p with { Source = source })).ToList();
        var odd = Enumerable.Range(0, 10).SelectMany(_ => Points(slow, _ => 1)).Select(p => p with { Source = "odd" }).ToList();
        var gpu = TimeSamples.Cluster().Gpu;

        var family = FamilyPrior.Of([.. usual, .. odd], gpu, Precision.Bf16);
        var pooled = Calibrator.Fit([.. usual, .. odd], PhysicalPrior.Of(gpu));

        family.ShouldBe(FamilyPrior.Of([.. odd, .. usual], gpu, Precision.Bf16));
        usual.Average(p => Math.Abs(Calibrator.LogError(p, family)))
            .ShouldBeLessThan(usual.Average(p => Math.Abs(Calibrator.LogError(p, pooled))));
    }

    [Fact]
    public void RelativeSigma_OfExactPoints_IsTheSmallestOne() =>
        Calibrator.RelativeSigma(Points(TimeSamples.Coefficients, noise: _ => 1), TimeSamples.Coefficients).ShouldBe(0.03);

    [Fact]
    public void Minimize_RosenbrocksValley_ReachesItsFloor()
    {
        var found = LeastSquares.Minimize(
            (x, r) =>
            {
                r[0] = 10 * (x[1] - x[0] * x[0]);
                r[1] = 1 - x[0];
            },
            [-1.2, 1], 2, 200);

        found[0].ShouldBe(1, 1e-3);
        found[1].ShouldBe(1, 2e-3);
    }

    [Fact]
    public void Round_KeepsFourDigits() => CalibrationRounding.Round(0.123456).ShouldBe(0.1235);

    private static List<CalibrationPoint> Points(TimeCoefficients truth, Func<int, double> noise)
    {
        Layout[] layouts =
        [
            new() { DpShard = 8 }, new() { Tp = 2, DpShard = 4 }, new() { Tp = 8 }, new() { Tp = 8, DpShard = 4 }, new() { Pp = 4, DpShard = 2 },
            new() { DpShard = 16, ZeroStage = 3 }, new() { Tp = 4, Pp = 2, DpShard = 8, ZeroStage = 1 }, new() { Cp = 2, DpShard = 8, Recompute = Recompute.Full },
        ];
        return [.. layouts.Select((layout, i) => new CalibrationPoint(
            $"#{i}", i % 2 == 0 ? "one" : "other", TimeSamples.Workload(), TimeSamples.Cluster(), layout,
            TimeSamples.Model(coefficients: truth).Evaluate(layout).Time.Total * noise(i)))];
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
