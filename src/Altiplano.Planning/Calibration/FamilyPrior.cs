using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Calibration;

/// <summary>What the sources of one generation of GPUs have in common: where the fit of each of its stacks begins.</summary>
/// <remarks>
/// Each source (one cluster, one software stack) is fitted by itself from the physical prior, then every coefficient takes the median
/// over the sources. So no source, however many runs it has or however odd it is, moves another's forecast far.
/// </remarks>
public static class FamilyPrior
{
    /// <summary>Sources by themselves are small: as much weight as what was believed before.</summary>
    private const double SourceWeight = 1;

    /// <param name="points">Of any stacks; those of the other generation are left out.</param>
    /// <returns>For fp8 the medians over the runs in fp8, fitted from those over the runs in bf16.</returns>
    public static TimeCoefficients Of(IReadOnlyCollection<CalibrationPoint> points, GpuSpec gpu, Precision precision)
    {
        var family = points.Where(p => HasFp8(p.Cluster.Gpu) == HasFp8(gpu)).ToList();
        var common = Medians(family.FindAll(p => !IsFp8(p)), PhysicalPrior.Of(gpu));
        return precision == Precision.Fp8 && HasFp8(gpu) ? Medians(family.FindAll(IsFp8), common) : common;
    }

    private static bool HasFp8(GpuSpec gpu) => gpu.PeakFp8 is not null;

    private static bool IsFp8(CalibrationPoint point) => point.Workload.Precision == Precision.Fp8 && HasFp8(point.Cluster.Gpu);

    private static TimeCoefficients Medians(List<CalibrationPoint> points, TimeCoefficients prior)
    {
        var fits = points.GroupBy(p => (p.Source, p.Cluster.Gpu.Name, p.Cluster.Network.Kind))
            .Select(source => Calibrator.Fit([.. source], prior, SourceWeight)).ToList();
        return fits.Count == 0 ? prior : FittedCoefficient.All.Where(c => c.IsFound(points))
            .Aggregate(prior, (median, c) => c.With(median, Median([.. fits.Select(c.Get)])));
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
