namespace Altiplano.Planning.Reliability;

/// <summary>Shares of the wall-clock time; they sum to 1.</summary>
public readonly record struct GoodputShares
{
    /// <summary>Training that is kept: the effective training-time ratio.</summary>
    public double Training { get; init; }

    /// <summary>Stopped by a checkpoint.</summary>
    public double Checkpoints { get; init; }

    /// <summary>From failures until training goes on.</summary>
    public double Recovery { get; init; }

    /// <summary>Training that a failure undid.</summary>
    public double LostWork { get; init; }

    /// <summary>Standing still because no spare was left.</summary>
    public double Waiting { get; init; }

    /// <summary>The part of absent replicas.</summary>
    public double DroppedReplicas { get; init; }

    /// <summary>Slow servers, and their removal.</summary>
    public double Stragglers { get; init; }

    /// <summary>Each loss with its name, largest first.</summary>
    public IReadOnlyList<(string Name, double Share)> Losses() =>
    [
        .. new[]
        {
            ("checkpoints", Checkpoints), ("recovery", Recovery), ("lost work", LostWork), ("waiting for spares", Waiting),
            ("absent replicas", DroppedReplicas), ("slow servers", Stragglers),
        }.OrderByDescending(loss => loss.Item2),
    ];
}
