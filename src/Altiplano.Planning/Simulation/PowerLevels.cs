namespace Altiplano.Planning.Simulation;

/// <summary>Watts of one GPU with its share of the server, by what the run does.</summary>
public sealed record PowerLevels
{
    /// <summary>Computing. 842 W: server power of eight H100 in MLPerf Training 4.0, GPT-3 175B (smc-dc-power), divided by 8.</summary>
    public double Compute { get; init; } = 842;

    /// <summary>Waiting in a collective or for a failure to be noticed; assumed.</summary>
    public double Communication { get; init; } = 500;

    /// <summary>Stopped by a checkpoint; assumed.</summary>
    public double Checkpoint { get; init; } = 350;

    /// <summary>Starting again: processes, communicators, loading; assumed.</summary>
    public double Restart { get; init; } = 300;

    /// <summary>Spares, and all GPUs while no spare is left; assumed.</summary>
    public double Idle { get; init; } = 250;

    /// <summary>Share of a step that only communicates.</summary>
    public double CommunicationShare { get; init; }

    /// <summary>Mean watts within a step.</summary>
    public double Training => (Compute * (1 - CommunicationShare)) + (Communication * CommunicationShare);

    public double Of(RunState state) => state switch
    {
        RunState.Training => Training,
        RunState.Corrupted => Training,
        RunState.Checkpoint => Checkpoint,
        RunState.Detection => Communication,
        RunState.Restart => Restart,
        RunState.Waiting => Idle,
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };

    /// <summary>Every level that no machine has, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var levels = new[]
        {
            ("compute", Compute), ("communication", Communication), ("checkpoint", Checkpoint), ("restart", Restart), ("idle", Idle),
        };
        var problems = levels.Where(level => !(level.Item2 >= 0) || !double.IsFinite(level.Item2))
            .Select(level => $"{path}.{level.Item1} is {level.Item2} W, but a GPU cannot draw less than nothing. The least is 0 W.").ToList();
        if (CommunicationShare is not (>= 0 and <= 1))
            problems.Add($"{path}.communication_share is {CommunicationShare}, but it is a share of the step. Use a number from 0 to 1.");
        return problems;
    }
}
