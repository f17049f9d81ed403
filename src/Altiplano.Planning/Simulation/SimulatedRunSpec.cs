using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Simulation;

/// <summary>A run to be played: how fast it is undisturbed, on how many machines, and what disturbs it.</summary>
public sealed record SimulatedRunSpec
{
    /// <summary>One optimizer step at full speed.</summary>
    public required Seconds StepTime { get; init; }

    /// <summary>Steps to do; null where <see cref="Duration"/> ends the run.</summary>
    public long? Steps { get; init; }

    /// <summary>Wall-clock time after which the run ends; null where <see cref="Steps"/> end it.</summary>
    public Seconds? Duration { get; init; }

    /// <summary>Servers that train.</summary>
    public required int Servers { get; init; }

    public required int GpusPerServer { get; init; }

    /// <summary>Data-parallel replicas.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Servers that wait to stand in.</summary>
    public int Spares { get; init; }

    public required FailureRates Rates { get; init; }

    public required RecoveryPolicy Policy { get; init; }

    public StragglerRates? Stragglers { get; init; }

    /// <summary>Training, at full speed, between two checkpoints.</summary>
    public required Seconds Interval { get; init; }

    public PowerLevels Power { get; init; } = new();

    public RunScale Scale => new(Servers, GpusPerServer, Replicas, StepTime.Value);

    /// <summary>The same run in closed form.</summary>
    public GoodputModel Goodput => new(Rates, Policy, Scale, Stragglers);

    /// <summary>Every reason why no run is like this, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        string[] problems =
        [
            .. FindProblemsOfSize(path), .. FindProblemsOfLength(path), .. Rates.FindProblems($"{path}.rates"),
            .. Policy.FindProblems($"{path}.policy"), .. Stragglers?.FindProblems($"{path}.stragglers") ?? [],
            .. Power.FindProblems($"{path}.power"),
        ];
        return problems.Length > 0 || IsWithinReach() ? problems : [StandstillProblem(path)];
    }

    /// <summary>True unless the steps take a thousand times their time, which is where nobody waits for the end.</summary>
    private bool IsWithinReach() => Steps is null || Goodput.EffectiveTime(Interval.Value, Spares) > 1e-3;

    private string StandstillProblem(string path)
    {
        var best = RecoverySearch.Best(Rates, Policy, Scale, Stragglers);
        return $"{path}.interval is {Interval} with {Spares} spares, but then less than 0.1 % of the time trains: a failure comes " +
            $"every {best.MeanTimeBetweenFailures.ToShortString()}. The best of {Policy.Name} is an interval of " +
            $"{best.Interval.ToShortString()} with {best.Spares} spares, {best.Shares.Training * 100:0.0} %.";
    }

    private IEnumerable<string> FindProblemsOfSize(string path)
    {
        if (Servers < 1)
            yield return $"{path}.servers is {Servers}, but a run has 1 server or more.";
        if (GpusPerServer < 1)
            yield return $"{path}.gpus_per_server is {GpusPerServer}, but a server has 1 GPU or more.";
        if (Spares < 0)
            yield return $"{path}.spares is {Spares}, but they count servers. Use 0 or more.";
        if (Replicas < 1)
            yield return $"{path}.replicas is {Replicas}, but a run has 1 replica or more.";
        if (Policy.DropsReplicas && Replicas == 1)
        {
            yield return $"{path}.replicas is 1, but {Policy.Name} goes on without the replica that fails, and then none is left. " +
                "Use 2 or more, or a policy that restarts all.";
        }
    }

    private IEnumerable<string> FindProblemsOfLength(string path)
    {
        if (!(StepTime.Value > 0))
            yield return $"{path}.step is {StepTime}, but a step takes time. Use more than 0s.";
        if (Steps is null == Duration is null)
        {
            var both = Steps is null ? "absent" : "given";
            yield return $"{path}.steps and {path}.duration are both {both}, but one of them ends the run. Give one.";
        }

        if (Steps < 1)
            yield return $"{path}.steps is {Steps}, but a run has 1 step or more.";
        if (Duration?.Value <= 0)
            yield return $"{path}.duration is {Duration}, but a run lasts. Use more than 0s.";
        var least = new Seconds(Math.Max(StepTime.Value, Policy.LeastInterval));
        if (Interval < least)
        {
            yield return $"{path}.interval is {Interval}, but a checkpoint comes after a whole step of {StepTime} and after the one " +
                $"before it is written, which takes {Policy.CheckpointWrite}. Use {least} or more.";
        }
    }
}
