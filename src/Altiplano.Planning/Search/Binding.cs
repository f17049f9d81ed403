using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>Says what holds a layout back.</summary>
public static class Binding
{
    private const double NearlyFull = 0.92;
    private const double NearlyCapped = 0.98;
    private const double Notable = 0.03;

    /// <summary>What limits a layout, largest first: memory, power limit, and the parts of a step that are not arithmetic.</summary>
    public static IReadOnlyList<string> Of(PlanRequest request, in Candidate candidate)
    {
        var binding = new List<string>();
        var share = candidate.Step.Memory.Total / request.Cluster.Gpu.Memory.Value;
        if (share > NearlyFull)
            binding.Add($"memory {share:0 %} full");
        if (candidate.Run.GpuWatts > NearlyCapped * request.Cluster.Gpu.PowerLimit.Value)
            binding.Add("GPU power limit");
        var total = candidate.Step.Time.Total;
        var layout = candidate.Layout;
        var waits = TimeParts.Of(candidate.Step.Time)
            .Where(part => part.Name is not ("matrices" or "attention" or "elementwise") && part.Seconds > Notable * total)
            .OrderByDescending(part => part.Seconds);
        binding.AddRange(waits.Select(part => $"{NetworkTiers.Qualify(request, layout, part.Name)} {part.Seconds / total:0.0 %}"));
        return binding.Count > 0 ? binding : ["matrix products"];
    }

    /// <summary>Where a layout loses time against the winner: the parts of a step's time per token that differ most.</summary>
    public static string WhyWorse(in Candidate winner, in Candidate other)
    {
        var ratio = (double)winner.GlobalBatchSequences / other.GlobalBatchSequences;
        var total = winner.Step.Time.Total;
        var gains = TimeParts.Of(winner.Step.Time).Zip(
            TimeParts.Of(other.Step.Time), (a, b) => (a.Name, Change: (b.Seconds * ratio - a.Seconds) / total));
        var parts = gains.Where(g => Math.Abs(g.Change) >= 0.0005).OrderByDescending(g => Math.Abs(g.Change)).Take(3).ToArray();
        if (parts.Length > 0)
            return string.Join(", ", parts.Select(g => $"{g.Name} {(g.Change > 0 ? "+" : "-")}{Math.Abs(g.Change):0.0 %}"));
        return other.Run.Goodput == winner.Run.Goodput ? "as good" : "more time lost to failures";
    }
}
