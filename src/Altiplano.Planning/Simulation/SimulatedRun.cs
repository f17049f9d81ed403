using System.Collections.Immutable;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Simulation;

/// <summary>How one seed's run went.</summary>
public sealed record SimulatedRun
{
    public required long Seed { get; init; }

    /// <summary>Wall-clock time from first to last step.</summary>
    public required Seconds Wall { get; init; }

    /// <summary>Training that was kept, in seconds at full speed.</summary>
    public required Seconds Work { get; init; }

    /// <summary>Whole steps kept.</summary>
    public required long Steps { get; init; }

    /// <summary>Training that failures undid.</summary>
    public required Seconds LostWork { get; init; }

    /// <summary>Stopped by checkpoints.</summary>
    public required Seconds Saving { get; init; }

    /// <summary>From failures until training went on, waiting for spares not counted.</summary>
    public required Seconds Recovery { get; init; }

    /// <summary>Stood still because no spare was left.</summary>
    public required Seconds Waiting { get; init; }

    public required long Checkpoints { get; init; }

    /// <summary>Failures of each component, in the order of the rates.</summary>
    public required ImmutableArray<long> Failures { get; init; }

    public required long SlowServers { get; init; }

    /// <summary>Joules of all GPUs with their share of the servers, spares included; without cooling.</summary>
    public required double Energy { get; init; }

    /// <summary>Effective training-time ratio.</summary>
    public double EffectiveTime => Work.Value / Wall.Value;

    /// <summary>Of all components.</summary>
    public long NumFailures => Failures.Sum();
}
