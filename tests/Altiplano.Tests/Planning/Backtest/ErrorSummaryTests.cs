using Altiplano.Planning;
using Altiplano.Planning.Backtest;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class ErrorSummaryTests
{
    private static readonly (double Predicted, double Measured)[] Four = [(11, 10), (18, 20), (33, 30), (60, 40)];

    [Fact]
    public void Of_FourErrors_HasTheirStatistics()
    {
        var errors = Of(Four);

        errors.Count.ShouldBe(4);
        errors.Mean.ShouldBe((0.1 + 0.1 + 0.1 + 0.5) / 4, 1e-12);
        errors.Median.ShouldBe(0.1, 1e-12);
        errors.P95.ShouldBe(0.5, 1e-12);
        errors.Max.ShouldBe(0.5, 1e-12);
        errors.Bias.ShouldBe((0.1 - 0.1 + 0.1 + 0.5) / 4, 1e-12);
        errors.RankCorrelation.ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Of_Intervals_CountsThoseThatHoldTheMeasurement() =>
        ErrorSummary.Of([
            new Comparison(10, new Figure(11, 9, 12, Evidence.Interpolated)),
            new Comparison(10, new Figure(12, 11, 13, Evidence.Interpolated)),
        ]).Coverage.ShouldBe(0.5);

    [Fact]
    public void Of_TiedPredictions_SharesTheirRanks() => Of((1, 1), (1, 2), (2, 3)).RankCorrelation.ShouldBe(Math.Sqrt(0.75), 1e-12);

    [Fact]
    public void Of_ReversedOrder_CorrelatesNegatively() => Of((3, 1), (2, 2), (1, 3)).RankCorrelation.ShouldBe(-1, 1e-12);

    private static ErrorSummary Of(params (double Predicted, double Measured)[] pairs) =>
        ErrorSummary.Of([.. pairs.Select(p => new Comparison(p.Measured, new Figure(p.Predicted, p.Predicted, p.Predicted, Evidence.Interpolated)))]);
}
