using Altiplano.Distributed;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Planning.Search;
using Altiplano.Training.Tracing;
using Spectre.Console;

namespace Altiplano.Cli.DryRuns;

/// <summary>One rank's step as a page for people.</summary>
internal sealed class DryRunPage(DryRun dryRun, IAnsiConsole console)
{
    private const int MaxAlive = 10;
    private const int MaxColumns = 100;
    private const string Levels = "▁▂▃▄▅▆▇█";

    private readonly StepSetting _setting = dryRun.Question.Setting;

    public static void Write(DryRun dryRun, TextWriter output) => new DryRunPage(dryRun, DryRunWords.ConsoleOn(output)).Write();

    private void Write()
    {
        Headline();
        Groups();
        Shards();
        Samples();
        Traffic();
        Operators();
        Memory();
        Schedule();
        ClosedForm();
    }

    private void Headline()
    {
        console.MarkupLineInterpolated($"[bold]{dryRun.Question.Config.Spec.Model.Name}[/], {RankName.Of(_setting.Layout.Mesh, dryRun.Rank)} of {_setting.Layout.World:N0}: its step traced on shapes, nothing measured");
        console.MarkupLineInterpolated($"[bold green]{LayoutText.Of(_setting.Layout)}[/]");
        console.MarkupLineInterpolated($"{_setting.Layout.Mesh}; batch {_setting.SequencesPerStep:N0} x {_setting.SeqLen:N0} tokens");
        foreach (var note in dryRun.Question.Notes)
            console.MarkupLineInterpolated($"[yellow]{note}[/]");
        console.WriteLine();
    }

    private void Groups()
    {
        var table = DryRunWords.Columns("axis", "place", "of", "the group's ranks");
        foreach (var group in dryRun.Start.Groups)
            table.AddLine(group.Axis, $"{group.Place}", $"{group.Degree:N0}", DryRunWords.Describe(group.Members));
        if (dryRun.Start.Groups.Count > 0)
            console.Write(table);
    }

    private void Shards()
    {
        var table = DryRunWords.Columns("flat buffer of parameters", "elements of this rank", "keeps", "from element", "state");
        var buffers = dryRun.Start.Buffers;
        foreach (var same in BufferRun.Of(buffers))
            table.AddLine(same.Name, $"{same.One.Elements:N0}", $"{same.One.KeptElements:N0}", $"{same.One.KeptFirst:N0}", same.Describe());
        table.AddLine(
            "all", $"{dryRun.Start.NumParameters:N0}", $"{dryRun.Start.NumKeptParameters:N0}", "", DryRunWords.Bytes(dryRun.Start.StateBytes));
        console.Write(table);
    }

    private void Samples()
    {
        var (first, last) = (dryRun.Samples[0], dryRun.Samples[^1]);
        console.WriteLine(
            $"Step {dryRun.Step + 1:N0} reads samples {first.First:N0} to {last.First + last.Count - 1:N0} in {dryRun.Samples.Count:N0} " +
            $"{(dryRun.Samples.Count == 1 ? "microbatch" : "microbatches")} of {first.Count:N0}.");
        console.WriteLine();
    }

    private void Traffic()
    {
        var table = DryRunWords.Columns("axis", "operation", "count", "each", "bytes", "%");
        var lines = TrafficSummary.Of(dryRun.Trace);
        var all = lines.Sum(line => line.Bytes);
        foreach (var line in lines)
        {
            var each = line.Least == line.Most ? DryRunWords.Bytes(line.Most) : $"{DryRunWords.Bytes(line.Least)} to {DryRunWords.Bytes(line.Most)}";
            table.AddLine($"{line.Axis} ({line.Ranks:N0})", line.Kind.Name(), $"{line.Count:N0}", each, DryRunWords.Bytes(line.Bytes), DryRunWords.Share(line.Bytes, all));
        }

        if (lines.Count > 0)
            console.Write(table);
    }

    private void Operators()
    {
        var table = DryRunWords.Columns("operator", "calls", "FLOPs", "%", "bytes read and written");
        var all = dryRun.Trace.Flops;
        foreach (var op in OperatorSummary.Of(dryRun.Trace))
            table.AddLine(op.Name, $"{op.Count:N0}", DryRunWords.Flops(op.Flops), DryRunWords.Share(op.Flops, all), DryRunWords.Bytes((long)op.Bytes));
        table.AddLine("all", $"{dryRun.Trace.Operators.Count:N0}", DryRunWords.Flops(all), "", "");
        console.Write(table);
    }

    private void Memory()
    {
        var memory = dryRun.Memory;
        var table = DryRunWords.Columns("memory", "at the peak", "", "most at any time");
        foreach (var part in Enum.GetValues<StepPart>().Where(part => memory.Peaks[part] > 0))
        {
            table.AddLine(
                DryRunWords.Name(part), DryRunWords.Bytes(memory.AtPeak[part]), DryRunWords.Bar((double)memory.AtPeak[part] / memory.PeakBytes),
                DryRunWords.Bytes(memory.Peaks[part]));
        }

        var available = dryRun.Question.RankMemory is { } gpu ? $"of {gpu}: {DryRunWords.Share(memory.PeakBytes, gpu.Value)}" : "";
        table.AddLine("all", DryRunWords.Bytes(memory.PeakBytes), available, "");
        console.Write(table);
        var alive = memory.AliveAt(memory.PeakPlace).Where(group => group.MadeBy.Length > 0).Take(MaxAlive)
            .Select(group => $"{DryRunWords.Name(group.Part)} by {group.MadeBy} {DryRunWords.Bytes(group.Bytes)} ({group.Count})");
        console.WriteLine($"The peak is in {DescribeAction(dryRun.ActionAt(memory.PeakPlace))}; alive there beside the state: {string.Join(", ", alive)}.");
        console.WriteLine($"Over the step, from the state to the peak: {Sparkline()}");
        console.WriteLine();
    }

    private string Sparkline()
    {
        var peaks = dryRun.Memory.Actions.Select(action => action.Peak.Total).ToList();
        var (low, high) = (dryRun.Memory.Actions[0].Peak.Total, dryRun.Memory.PeakBytes);
        var columns = Math.Min(MaxColumns, peaks.Count);
        return string.Concat(Enumerable.Range(0, columns).Select(column =>
        {
            var (from, to) = (column * peaks.Count / columns, Math.Max(column * peaks.Count / columns + 1, (column + 1) * peaks.Count / columns));
            var most = peaks.Skip(from).Take(to - from).Max();
            return high == low ? Levels[^1] : Levels[(int)Math.Clamp((most - low) * (Levels.Length - 1) / (high - low), 0, Levels.Length - 1)];
        }));
    }

    private void Schedule()
    {
        var actions = dryRun.Trace.Actions.Select(action => action.Action.ToString()).ToList();
        console.WriteLine($"Schedule of its stage, {actions.Count:N0} actions (F forward, B backward, I input half, W weight half; microbatch.chunk):");
        console.WriteLine(actions.Count <= MaxColumns ? string.Join(' ', actions) : $"{string.Join(' ', actions.Take(MaxColumns))} ... {actions.Count - MaxColumns:N0} more");
        console.WriteLine();
    }

    private void ClosedForm()
    {
        if (dryRun.Comparison is not { } figures)
            return;
        var differing = figures.Where(figure => figure.Planned != figure.Traced).ToList();
        console.WriteLine(differing.Count == 0
            ? $"Closed form: its {figures.Count} figures of this step (counts and bytes by axis, FLOPs by operator, memory by part) are the traced ones."
            : $"Closed form: {differing.Count} of {figures.Count} figures differ: " +
                string.Join("; ", differing.Select(figure => $"{figure.Name} {figure.Planned:N0} planned, {figure.Traced:N0} traced")) + ".");
    }

    private string DescribeAction(int? action) => action is { } index ? $"action {dryRun.Trace.Actions[index].Action}" : "what lies around the pipeline's actions";
}
