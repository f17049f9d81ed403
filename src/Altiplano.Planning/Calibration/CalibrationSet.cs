using Altiplano.Planning.Backtest;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Calibration;

/// <summary>Measured runs of one stack: one fabric, one precision, GPUs that the caller says belong together.</summary>
public sealed record CalibrationSet(FabricKind Fabric, Precision Precision, IReadOnlyList<string> Gpus, IReadOnlyList<CalibrationPoint> Points)
{
    /// <summary>Runs of the curated subset count this much within their source.</summary>
    private const double RecommendedWeight = 8;

    /// <summary>All measured runs at hand, of whatever stack: what <see cref="FamilyPrior"/> is made of.</summary>
    public IReadOnlyList<CalibrationPoint> All { get; init; } = Points;

    /// <summary>The runs of the stack that published their memory.</summary>
    public IReadOnlyList<MemoryPoint> Memory { get; init; } = [];

    /// <summary>What one run says; null where it has no measured time.</summary>
    public static CalibrationPoint? Point(MappedCase mapped) => mapped.MeasuredSeconds is { } seconds
        ? new CalibrationPoint(
            mapped.Run.Id, mapped.Run.Source, mapped.Workload, mapped.Cluster, PublishedSharding.Timed(mapped.Layout), seconds,
            mapped.Run.IsRecommended ? RecommendedWeight : 1)
        : null;

    /// <summary>The memory of one run; null where none was published.</summary>
    public static MemoryPoint? MemoryPoint(MappedCase mapped) => mapped.Run.Measured.MemoryGib is { } gib
        ? new MemoryPoint(mapped.Run.Source, mapped.Workload, mapped.Cluster, mapped.Layout, new Bytes((long)(gib * Bytes.PerGib)))
        : null;

    /// <summary>Errors of every source, then of all points together.</summary>
    /// <param name="relativeSigma">Of the intervals whose coverage is counted.</param>
    public IReadOnlyList<(string Source, ErrorSummary Errors)> Errors(TimeCoefficients coefficients, double relativeSigma)
    {
        var compared = Points.Select(p => (p.Source, Comparison: Compare(p, coefficients, relativeSigma))).ToList();
        return
        [
            .. compared.GroupBy(c => c.Source).Select(g => (g.Key, ErrorSummary.Of([.. g.Select(c => c.Comparison)]))),
            ("all", ErrorSummary.Of([.. compared.Select(c => c.Comparison)])),
        ];
    }

    private static Comparison Compare(CalibrationPoint point, TimeCoefficients coefficients, double relativeSigma) => new(
        point.StepSeconds, Figure.Around(point.StepSeconds * Math.Exp(Calibrator.LogError(point, coefficients)), relativeSigma, Evidence.Interpolated));
}
