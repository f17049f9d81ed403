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
            $"{run.Plan.Basis} ({run.Plan.Evidence.ToString().ToLowerInvariant()})",
        ];
        return string.Join("; ", parts);
    }

    private static string[] Teaching(ScheduledRun run) => run.Run.Teacher is { } teacher
        ? [string.Create(CultureInfo.InvariantCulture, $"learns from {teacher}, {run.TeacherSeconds / SecondsPerDay:0.0} days of its forward passes")]
        : [];
}
