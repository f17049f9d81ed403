using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>How often one kind of component stops a run.</summary>
public sealed record ComponentRate
{
    public required FailureComponent Component { get; init; }

    public required FailureRate Rate { get; init; }

    /// <summary>Share of the failures after which the server is out until it is repaired; the others need a restart only.</summary>
    public double ServerLossShare { get; init; } = 1;

    public Evidence Evidence { get; init; } = Evidence.Measured;

    /// <summary>Every reason why no component fails like this, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        if (Rate.FindProblem($"{path}.rate") is { } problem)
            problems.Add(problem);
        if (ServerLossShare is not (>= 0 and <= 1))
        {
            problems.Add($"{path}.server_loss_share is {ServerLossShare}, but it is a share. " +
                $"Use a number from 0 to 1; the nearest is {(ServerLossShare > 1 ? 1 : 0)}.");
        }

        return problems;
    }
}
