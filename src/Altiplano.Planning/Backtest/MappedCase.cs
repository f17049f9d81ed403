using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Backtest;

/// <summary>A published run in our own terms, ready to be computed.</summary>
public sealed record MappedCase
{
    public required PublishedRun Run { get; init; }
    public required Workload Workload { get; init; }
    public required ClusterSpec Cluster { get; init; }
    public required Layout Layout { get; init; }

    /// <summary>Share of the layers that <see cref="Layout.Recompute"/> holds for; the others keep everything.</summary>
    public double RecomputeShare { get; init; } = 1;

    /// <summary>What the source left open and we chose; microbatch, chunks and recompute are chosen where a case is evaluated.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>The weakest grade among the inputs: fitted coefficients on published facts, or assumptions.</summary>
    public Evidence Grade => Assumptions.Count > 0 ? Evidence.Assumed : Evidence.Interpolated;

    /// <summary>Published seconds of a step, from tokens/s where only that was printed; null where neither was.</summary>
    public double? MeasuredSeconds => Run.Measured switch
    {
        { StepSeconds: { } seconds } => seconds,
        { TokensPerSecondPerGpu: { } rate } => Workload.TokensPerStep / (rate * Layout.World),
        _ => null,
    };
}
