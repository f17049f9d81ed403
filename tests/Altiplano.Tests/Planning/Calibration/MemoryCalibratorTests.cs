using Altiplano.Planning;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Calibration;

public sealed class MemoryCalibratorTests
{
    private static readonly MemoryCoefficients Start = new() { Framework = new Bytes(1_000_000_000), Fragmentation = 0.05 };

    private static readonly Layout[] Layouts =
    [
        new() { Tp = 8, DpShard = 4, HasSequenceParallel = true }, new() { Tp = 4, Pp = 2, DpShard = 4, ZeroStage = 1 }, new() { Tp = 8, MicroBatchSize = 4 },
        new() { Pp = 8, DpShard = 4, ZeroStage = 1, Recompute = Recompute.Full }, new() { Tp = 2, Pp = 4, DpShard = 4, MicroBatchSize = 2 },
    ];

    /// <summary>Points that a stack made are explained by that stack.</summary>
    [Fact]
    public void Fit_PointsOfAStack_FindsIt()
    {
        var truth = Start with { Framework = new Bytes(3_000_000_000), Fragmentation = 0.2, GradientBytes = 2, LogitBytes = 10 };
        var points = Points(truth);

        var fitted = MemoryCalibrator.Fit(points, Start);

        MemoryCalibrator.Error(points, Start).ShouldBeGreaterThan(0.08);
        MemoryCalibrator.Error(points, fitted).ShouldBeLessThan(0.01);
        fitted.GradientBytes.ShouldBe(2, 0.3);
        fitted.Fragmentation.ShouldBe(0.2, 0.05);
    }

    [Fact]
    public void Fit_PointsOfTheStart_LeavesIt() => MemoryCalibrator.Fit(Points(Start), Start).ShouldBe(Start);

    /// <summary>Two runs of one source and one of another: each source counts half.</summary>
    [Fact]
    public void Error_SeveralSources_CountTheSame()
    {
        var points = Points(Start);
        var twice = points[0] with { Peak = points[0].Peak * 2 };

        MemoryCalibrator.Error([points[0], points[1], twice with { Source = "other" }], Start).ShouldBe(Math.Log(2) / 2, 1e-6);
    }

    private static List<MemoryPoint> Points(MemoryCoefficients truth)
    {
        var work = PlanningSamples.Work(PlanningSamples.Llama8B, 8192, 64);
        var cluster = PlanningSamples.Cluster(64);
        var model = new MemoryModel(work, cluster, truth);
        return
        [
            .. Layouts.Select(layout =>
            {
                model.FullestStage(layout, out var memory);
                return new MemoryPoint("source", work, cluster, layout, new Bytes((long)memory.Total));
            }),
        ];
    }
}
