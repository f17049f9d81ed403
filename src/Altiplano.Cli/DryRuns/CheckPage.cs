using Altiplano.Planning.Search;
using Altiplano.Training.Tracing.Jobs;
using Spectre.Console;

namespace Altiplano.Cli.DryRuns;

/// <summary>What the check of a whole job found, for people.</summary>
internal static class CheckPage
{
    private const int MaxShown = 24;

    public static void Write(DryRunQuestion question, JobReport report, TextWriter output)
    {
        var (console, setting) = (DryRunWords.ConsoleOn(output), question.Setting);
        console.MarkupLineInterpolated($"[bold]{question.Config.Spec.Model.Name}[/] on {setting.Layout.World:N0} ranks: every rank's step against every other's");
        console.MarkupLineInterpolated($"[bold green]{LayoutText.Of(setting.Layout)}[/]");
        foreach (var note in question.Notes)
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
        console.WriteLine();
        console.Write(Classes(question, report));
        if (report.Classes.Count > MaxShown)
            console.WriteLine($"{report.Classes.Count - MaxShown} classes more; --json lists them.");
        console.WriteLine(
            $"{report.NumGroups:N0} groups, {report.NumPatterns:N0} of them different, and {report.NumOperations:N0} operations of a step among all ranks.");
        foreach (var problem in report.Problems)
            console.MarkupLineInterpolated($"[red]{problem}[/]");
        console.WriteLine(report.Problems.Count == 0
            ? "Every message has its receiver, every group does the same collectives in the same order, and no ranks wait for each other: the step ends on all ranks."
            : $"{report.Problems.Count} {(report.Problems.Count == 1 ? "problem" : "problems")}: this job would hang. Do not submit it.");
    }

    private static Table Classes(DryRunQuestion question, JobReport report)
    {
        var table = DryRunWords.Columns("class", "ranks", "first", "pp", "operations among ranks", "FLOPs of a step", "peak memory", "");
        foreach (var (one, i) in report.Classes.Take(MaxShown).Select((one, i) => (one, i)))
        {
            var memory = question.RankMemory is { } available ? DryRunWords.Share(one.PeakBytes, available.Value) + " of the GPU" : "";
            table.AddLine(
                $"{i}{(one.Ranks.Fingerprint.IsBroken ? " (broken)" : "")}", $"{one.Ranks.Count:N0}",
                $"{one.Ranks.First:N0}", $"{one.Ranks.Fingerprint.Pp}", $"{one.NumOperations:N0}", DryRunWords.Flops(one.Flops),
                DryRunWords.Bytes(one.PeakBytes), memory);
        }

        return table;
    }
}
