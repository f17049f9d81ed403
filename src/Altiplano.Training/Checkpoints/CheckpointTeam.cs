using System.Globalization;

namespace Altiplano.Training.Checkpoints;

/// <summary>The ranks that write and read checkpoints together, as one of them sees them.</summary>
/// <param name="Token">The same on all ranks, and no other start's: marks what is not complete.</param>
/// <param name="Largest">Gives every rank the largest of all ranks' numbers, once each has given its own.</param>
public sealed record CheckpointTeam(int Rank, int Ranks, string Token, Func<long, long> Largest)
{
    /// <summary>A process with no other rank.</summary>
    public static CheckpointTeam Alone { get; } =
        new(0, 1, Environment.ProcessId.ToString(CultureInfo.InvariantCulture), value => value);

    /// <summary>The rank that publishes, and that removes what is no longer wanted.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Returns when every rank has come.</summary>
    public void Meet() => Largest(0);
}
