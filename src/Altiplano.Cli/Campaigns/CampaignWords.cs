using System.Globalization;
using Altiplano.Planning.Campaign;

namespace Altiplano.Cli.Campaigns;

/// <summary>What is said of a run in words, on every kind of output.</summary>
internal static class CampaignWords
{
    private const double SecondsPerDay = 86400;

    /// <summary>The run's model, tokens, needs, and what its time rests on.</summary>
    public static string Describe(ScheduledRun run)
    {
        var needs = run.Run.Needs.ToArray();
        string[] parts =
        [
            $"{run.Run.Model.Name}, {run.Run.Tokens} tokens",
            .. needs.Length > 0 ? [$"after {string.Join(" and ", needs)}"] : Array.Empty<string>(),
            .. run.Waited > 0 ? [string.Create(CultureInfo.InvariantCulture, $"waited {run.Waited / SecondsPerDay:0.0} days for GPUs")] : Array.Empty<string>(),
            .. Teaching(run),
            $"{run.Plan.Basis} ({EvidenceWords.Show(run.Plan.Evidence)})",
        ];
        return string.Join("; ", parts);
    }

    /// <summary>By which grid, and what model cards would say.</summary>
    public static string Carbon(CampaignPlan plan) => string.Create(
        CultureInfo.InvariantCulture,
        $"{plan.RunEnergy.CarbonTonnes:N0} t CO2e of runs at {plan.Campaign.Fleet.Facility.GridCarbon:0.#} g/kWh, {plan.ModelCardTonnes(plan.GpuHours):N0} t as model cards count (GPU limit alone)");

    /// <summary>The campaign's peak beside what the site may draw.</summary>
    public static string Site(CampaignPlan plan)
    {
        var (peak, capacity) = (plan.PeakWatts / 1e6, plan.Campaign.Fleet.Facility.Capacity.Value / 1e6);
        var verdict = peak <= capacity ? "of" : "more than the";
        return string.Create(CultureInfo.InvariantCulture, $"{peak:0.0} MW at most, {verdict} {capacity:0.#} MW that the site may draw");
    }

    private static string[] Teaching(ScheduledRun run) => run.Run.Teacher is { } teacher
        ? [string.Create(CultureInfo.InvariantCulture, $"learns from {teacher}, {run.TeacherSeconds / SecondsPerDay:0.0} days of its forward passes")]
        : [];
}
