namespace Altiplano.Planning.Simulation;

/// <summary>What a run does at one moment.</summary>
public enum RunState
{
    Training,
    /// <summary>Stopped by a checkpoint.</summary>
    Checkpoint,
    /// <summary>Training in vain: a silent corruption is not known yet.</summary>
    Corrupted,
    /// <summary>A failure is not known yet.</summary>
    Detection,
    Restart,
    /// <summary>No spare is left.</summary>
    Waiting,
}
