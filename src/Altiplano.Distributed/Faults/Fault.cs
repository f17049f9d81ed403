namespace Altiplano.Distributed.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>This rank does not take part, and does not notice.</summary>
    Drop,

    /// <summary>This rank comes late.</summary>
    Delay,

    /// <summary>One bit of this rank's output is wrong.</summary>
    Corrupt,

    /// <summary>This rank ends.</summary>
    Kill,
}

/// <summary>One planned fault of one rank.</summary>
/// <param name="Axis">The axis that it strikes.</param>
/// <param name="Operation">The how manieth operation that this rank starts there, from 0.</param>
public sealed record Fault(FaultKind Kind, string Axis, long Operation)
{
    /// <summary>Blocks until a delay is over.</summary>
    public Action Delay { get; init; } = () => { };

    /// <summary>Ends the rank; by default by an exception, which in a process of its own ends the process.</summary>
    public Action Kill { get; init; } = () => throw new RankKilledException("This rank was killed by a planned fault.");
}

/// <summary>A planned fault ended the rank.</summary>
public sealed class RankKilledException(string message) : Exception(message);
