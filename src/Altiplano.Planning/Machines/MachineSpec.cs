using Altiplano.Planning.Units;

namespace Altiplano.Planning.Machines;

/// <summary>One machine without GPUs, as <c>calibrate</c> measured it: what a training step costs on its cores.</summary>
public sealed record MachineSpec
{
    public required string Name { get; init; }
    public required string Cpu { get; init; }
    public required int Cores { get; init; }
    public required Bytes Memory { get; init; }

    /// <summary>When the first of its rank costs was measured, in UTC: <c>2026-11-24T15:04:05Z</c>.</summary>
    public required string MeasuredAt { get; init; }

    public required string LibtorchVersion { get; init; }

    /// <summary>One for each number of ranks and threads that was measured.</summary>
    public required IReadOnlyList<RankCosts> Ranks { get; init; }

    /// <summary>The costs of so many ranks that run at the same time.</summary>
    /// <param name="precision">Number format of parameters and activations.</param>
    /// <param name="transport">How ranks reach each other; null for the first that there is.</param>
    /// <exception cref="ConfigException">Nothing like it was measured; says what was, and how to measure it.</exception>
    public RankCosts Find(int ranks, int threads, Precision precision, string? transport = null) =>
        Ranks.FirstOrDefault(r => r.Ranks == ranks && r.Threads == threads && r.Precision == precision && (transport ?? r.Transport) == r.Transport)
        ?? throw new ConfigException(
            $"{Name} was calibrated for {string.Join("; ", Ranks.Select(r => r.Describe()))}, but the run is {ranks} {(ranks == 1 ? "rank" : "ranks")} of " +
            $"{threads} {(threads == 1 ? "thread" : "threads")} in {precision.ToString().ToLowerInvariant()}. Measure it too: " +
            $"{CalibrateCommand(ranks, threads, precision)}");

    /// <summary>The same machine with these costs in the place of those of the same kind.</summary>
    public MachineSpec With(RankCosts costs) => this with { Ranks = [.. Ranks.Where(r => !r.IsSameKind(costs)), costs] };

    /// <summary>Every contradiction, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(Cores, "cores", Cores);
        problems.RequirePositive(Memory.Value, "memory", Memory);
        for (var i = 0; i < Ranks.Count; i++)
        {
            problems.AddRange(Ranks[i].FindProblems(problems.PathOf($"ranks[{i}]")));
            var twin = Ranks.Take(i).ToList().FindIndex(Ranks[i].IsSameKind);
            problems.Require(
                twin < 0, $"ranks[{i}]", Ranks[i].Describe(), $"ranks[{twin}] is of the same kind. Remove one of them.");
        }

        return problems.Problems;
    }

    private string CalibrateCommand(int ranks, int threads, Precision precision) =>
        (ranks == 1 ? "" : $"mpirun --bind-to none -n {ranks} ") +
        $"altiplano calibrate {(ranks == 1 ? "" : "--mpi ")}--threads {threads} --precision {precision.ToString().ToLowerInvariant()} --out {Name}.yaml";
}
