using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Calibration;

/// <summary>One measured step that coefficients are fitted to.</summary>
/// <param name="Source">Points of one source are correlated: one cluster, one software stack.</param>
/// <param name="Weight">1 unless the point counts more or less within its source.</param>
public sealed record CalibrationPoint(
    string Id, string Source, Workload Workload, ClusterSpec Cluster, Layout Layout, double StepSeconds, double Weight = 1);
