using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>Servers that turn slow without failing; all others wait for them until they are found and removed.</summary>
public sealed record StragglerRates
{
    public required FailureRate Rate { get; init; }

    /// <summary>Share of its speed that a slow server, and with it the run, loses.</summary>
    public required double Slowdown { get; init; }

    /// <summary>From turning slow to removal.</summary>
    public required Seconds Removal { get; init; }

    /// <summary>Every reason why no server is slow like this, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        if (Rate.FindProblem($"{path}.rate") is { } rate)
            problems.Add(rate);
        if (Removal.FindProblem($"{path}.removal") is { } removal)
            problems.Add(removal);
        if (Slowdown is not (>= 0 and < 1))
            problems.Add($"{path}.slowdown is {Slowdown}, but a server can lose no more than all its speed. Use a number from 0 to 0.99.");
        return problems;
    }
}
