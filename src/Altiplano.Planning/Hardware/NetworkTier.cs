using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>A level of switches.</summary>
/// <param name="Name">For example <c>rack</c>, <c>pod</c>, <c>aggregation</c>, <c>site</c>.</param>
/// <param name="Gpus">GPUs that reach one another without climbing higher.</param>
/// <param name="Oversubscription">
/// Injection bandwidth below over bandwidth of the tier, all tiers below included; 1 is full bisection.
/// </param>
/// <param name="Latency">Between two GPUs whose traffic turns round here, one way.</param>
public sealed record NetworkTier(string Name, int Gpus, double Oversubscription, Seconds Latency)
{
    /// <summary>The tier's switches, for each GPU of the cluster.</summary>
    public Watts SwitchPowerPerGpu { get; init; }

    /// <summary>Both ends of the links that lead up to the tier, for each GPU of the cluster; 0 for copper.</summary>
    public Watts OpticsPowerPerGpu { get; init; }

    /// <summary>What is wrong with the tiers of one network, inner to outer.</summary>
    /// <param name="path">Path of the list.</param>
    internal static IReadOnlyList<string> FindProblems(IReadOnlyList<NetworkTier> tiers, string path)
    {
        var problems = new ProblemList("");
        problems.Require(tiers.Count > 0, path, "empty", "a network has at least one tier, which reaches the whole cluster.");
        for (var i = 0; i < tiers.Count; i++)
        {
            problems.AddRange(tiers[i].FindProblems($"{path}[{i}]"));
            if (i > 0)
                problems.AddRange(tiers[i].FindProblemsAbove(tiers[i - 1], $"{path}[{i}]"));
        }

        foreach (var twin in tiers.GroupBy(tier => tier.Name).Where(group => group.Count() > 1))
        {
            problems.Require(
                false, path, $"a list with {twin.Count()} tiers named {twin.Key}",
                "results go by the name of the tier. Name each differently.");
        }

        return problems.Problems;
    }

    private IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(Gpus, "gpus", Gpus);
        problems.Require(
            Oversubscription >= 1 && double.IsFinite(Oversubscription), "oversubscription", Oversubscription,
            "no tier carries more than what is injected below it. Use 1 (full bisection) or more.");
        problems.RequireNotNegative(Latency.Value, "latency", Latency);
        problems.RequireNotNegative(SwitchPowerPerGpu.Value, "switch_power_per_gpu", SwitchPowerPerGpu);
        problems.RequireNotNegative(OpticsPowerPerGpu.Value, "optics_power_per_gpu", OpticsPowerPerGpu);
        return problems.Problems;
    }

    private IReadOnlyList<string> FindProblemsAbove(NetworkTier below, string path)
    {
        var problems = new ProblemList(path);
        problems.Require(
            Gpus > below.Gpus, "gpus", $"{Gpus} ({Name})",
            $"tiers come inner to outer, and {below.Name} before it has {below.Gpus} GPUs. " +
            $"Use {below.Gpus + 1L} or more, or change the order.");
        problems.Require(
            Oversubscription >= below.Oversubscription, "oversubscription", $"{Oversubscription} ({Name})",
            $"it includes all tiers below, and {below.Name} has {below.Oversubscription}. Use {below.Oversubscription} or more.");
        problems.Require(
            Latency.Value >= below.Latency.Value, "latency", $"{Latency} ({Name})",
            $"the way over {Name} is no shorter than over {below.Name}, which takes {below.Latency}. Use {below.Latency} or more.");
        return problems.Problems;
    }
}
