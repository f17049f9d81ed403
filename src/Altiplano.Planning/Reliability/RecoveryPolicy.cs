using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>Where a restart finds the state of the run.</summary>
public enum RestartSource
{
    /// <summary>Shared storage; any server may be lost.</summary>
    Disk,
    /// <summary>The memory of the same servers; where one is lost, the last checkpoint on disk.</summary>
    Memory,
    /// <summary>The memory of another server; a copy and its original lost together are not counted.</summary>
    Peer,
}

/// <summary>What happens on a failure, and what is paid in advance for it.</summary>
public sealed record RecoveryPolicy
{
    public required string Name { get; init; }

    public required RestartSource Source { get; init; }

    /// <summary>From a failure until it is known; all ranks wait in a collective.</summary>
    public required Seconds Detection { get; init; }

    /// <summary>From the decision to restart until the first step: processes, communicators, state.</summary>
    public required Seconds Restart { get; init; }

    /// <summary>The same from disk, where <see cref="Source"/> is memory and the server that held it is lost.</summary>
    public Seconds DiskRestart { get; init; }

    /// <summary>How long a checkpoint stops training: the copy to host memory, or the whole write.</summary>
    public required Seconds CheckpointBlocking { get; init; }

    /// <summary>
    /// How long a checkpoint is then written in the background before it can be relied on; no interval is shorter. With
    /// memory as the source: the write to disk, which takes as many intervals as it needs.
    /// </summary>
    public Seconds CheckpointWrite { get; init; }

    /// <summary>Putting a waiting spare in the place of a lost server.</summary>
    public Seconds Replacement { get; init; }

    /// <summary>Mean time until a lost server is back among the spares.</summary>
    public required Seconds Repair { get; init; }

    /// <summary>From a silent corruption until it is known; the work since is lost.</summary>
    public Seconds CorruptionDetection { get; init; }

    /// <summary>
    /// True where the replicas that are whole go on without the one that failed (HSDP with fault tolerance, torchft) until it
    /// is back; a step is then all that can be lost.
    /// </summary>
    public bool DropsReplicas { get; init; }

    /// <summary>How long all replicas wait, after detection, while one is dropped and the collectives are rebuilt.</summary>
    public Seconds ReplicaDrop { get; init; }

    /// <summary>From a failure that keeps its server until the run, or the dropped replica, trains again.</summary>
    public double KeptRecovery => Detection.Value + Restart.Value;

    /// <summary>The same where the memory of another server is lost already, so that all read from disk.</summary>
    public double KeptDiskRecovery => Detection.Value + (Source == RestartSource.Memory ? DiskRestart : Restart).Value;

    /// <summary>The same where a spare takes the place of the server.</summary>
    public double LostRecovery => KeptDiskRecovery + Replacement.Value;

    /// <summary>The same, training in vain included, where results were wrong unnoticed.</summary>
    public double CorruptionRecovery => CorruptionDetection.Value + LostRecovery;

    /// <summary>How long everybody stops when a replica is dropped.</summary>
    public double DropStall => Detection.Value + ReplicaDrop.Value;

    /// <summary>Seconds; a checkpoint cannot start before the one before it is written.</summary>
    public double LeastInterval => Source == RestartSource.Memory ? 0 : CheckpointWrite.Value;

    /// <summary>How many checkpoints in memory come from one on disk to the next: as few as the write to disk leaves room for.</summary>
    public long CheckpointsPerDisk(double interval) => Source == RestartSource.Memory
        ? Math.Max(1, (long)Math.Ceiling((CheckpointWrite.Value / (interval + CheckpointBlocking.Value)) - 1e-9))
        : 1;

    /// <summary>Every reason why nobody can recover like this, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        foreach (var (name, time) in Times())
        {
            if (time.FindProblem($"{path}.{name}") is { } problem)
                problems.Add(problem);
        }

        if (Repair.Value == 0)
            problems.Add($"{path}.repair is 0s, but a lost server takes a while. Write 2h, or 3d where parts are exchanged.");
        if (Source == RestartSource.Memory && DiskRestart.Value == 0)
        {
            problems.Add($"{path}.disk_restart is 0s, but a lost server takes the checkpoint in its memory with it. " +
                "Give the time of a restart from disk, such as 10min.");
        }

        return problems;
    }

    private (string Name, Seconds Time)[] Times() =>
    [
        ("detection", Detection), ("restart", Restart), ("disk_restart", DiskRestart), ("checkpoint_blocking", CheckpointBlocking),
        ("checkpoint_write", CheckpointWrite), ("replacement", Replacement), ("repair", Repair),
        ("corruption_detection", CorruptionDetection), ("replica_drop", ReplicaDrop),
    ];
}
