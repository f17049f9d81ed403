using Altiplano.Planning.Costs;
using Altiplano.Planning.Search;
using Spectre.Console;

namespace Altiplano.Cli.Plans;

/// <summary>A plan as a page for people: the winner, its figures, memory and time in bars, runners-up, and how sure all that is.</summary>
internal sealed class PlanPage
{
    private const int Width = 130;
    private const int BarWidth = 40;

    private readonly TrainingPlan _plan;
    private readonly IAnsiConsole _console;

    public PlanPage(TrainingPlan plan, TextWriter output)
    {
        _plan = plan;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        _console.Profile.Width = Width;
    }

    public void Write()
    {
        Headline();
        Figures();
        Memory();
        Time();
        PowerTable.Write(_console, Request, Main.Winner);
        Links();
        RunnersUp();
        if (_plan.Phases.Count > 1)
            Phases();
        _console.Write(SensitivityTable.Of(_plan));
        Footer();
    }

    private PlanRequest Request => _plan.Request;

    private PhasePlan Main => _plan.Main;

    private void Headline()
    {
        var winner = Main.Winner;
        var microBatches = winner.Layout.MicroBatches(winner.GlobalBatchSequences);
        _console.MarkupLineInterpolated($"[bold]{Request.Model.Name}[/] on {winner.Layout.World:N0} of {Request.Cluster.NumGpus:N0} {Request.Cluster.Gpu.Name} ({Request.Cluster.Name}), {PlanWords.Count(_plan.Tokens)} tokens, {Request.Precision.ToString().ToLowerInvariant()}");
        _console.MarkupLineInterpolated($"[bold green]{LayoutText.Of(winner.Layout)}[/]");
        _console.MarkupLineInterpolated($"{winner.Layout.Mesh}; batch {winner.GlobalBatchSequences:N0} x {Main.Phase.SeqLen:N0} = {PlanWords.Count(Main.TokensPerStep)} tokens, {microBatches:N0} microbatch{(microBatches == 1 ? "" : "es")} a rank");
        foreach (var note in _plan.Notes)
            _console.MarkupLineInterpolated($"[yellow]{note}[/]");
        _console.WriteLine();
    }

    private void Figures()
    {
        var figures = PlanFigures.Of(Request, Main);
        var peak = Request.Cluster.Gpu.Peak(Request.Precision).Value / 1e12;
        var table = Columns("predicted", "value", "80 % interval", "rests on");
        Add("step", figures.StepSeconds, PlanWords.Step);
        Add("tokens/s", figures.TokensPerSecond, PlanWords.Count);
        Add($"MFU of {peak:0} TFLOP/s, causal half, no recompute", figures.Mfu, PlanWords.Percent);
        Add("HFU, with recompute", figures.Hfu, PlanWords.Percent);
        Add("model TFLOP/s a GPU", figures.ModelFlopsPerGpu * 1e-12, v => v.ToString("0"));
        Add("memory of the fullest rank", figures.MemoryBytes, PlanWords.Gibibytes);
        Add("goodput after failures", figures.Goodput, PlanWords.Percent);
        Add(_plan.Phases.Count > 1 ? "time of this phase" : "time", figures.Seconds, PlanWords.Days);
        Add("GPU-hours", figures.GpuHours, PlanWords.Count);
        Add("facility power", figures.FacilityWatts, PlanWords.Megawatts);
        Add("energy", figures.Joules, PlanWords.Energy);
        Add(Request.IsOwned ? "cost to the owner" : "cost, rented", figures.Dollars, PlanWords.Money);
        _console.Write(table);
        if (PlanWords.WhyHfuDiffers(Main.Winner.Layout, figures.Mfu.Value, figures.Hfu.Value) is { } reason)
            _console.WriteLine(reason);

        void Add(string name, Figure figure, Func<double, string> show) =>
            table.AddRow(name, show(figure.Value), $"{show(figure.Low)} to {show(figure.High)}", EvidenceWords.Show(figure.Evidence));
    }

    private void Memory()
    {
        var capacity = Request.Cluster.Gpu.Memory.Value;
        var stages = Main.MemoryByStage;
        var shown = stages.Count <= 3 ? Enumerable.Range(0, stages.Count) : [0, Main.Winner.Step.FullestStage, stages.Count - 1];
        var table = Columns("memory of a rank", "GiB", "", "");
        foreach (var stage in shown.Distinct().Order())
        {
            var memory = stages[stage];
            var parts = MemoryParts.Of(memory).Where(p => p.Bytes > 0.005 * capacity);
            table.AddRow(
                $"stage {stage}", $"{memory.Total / (1L << 30):0.0}", Bar(memory.Total / capacity),
                string.Join(", ", parts.Select(p => $"{p.Name} {p.Bytes / (1L << 30):0.0}")));
        }

        _console.Write(table);
        var limit = MemoryMargin.Limit(capacity, MemoryRule.WithMargin);
        _console.WriteLine($"Of {PlanWords.Gibibytes(capacity)} a GPU {PlanWords.Gibibytes(limit)} may be planned: {MemoryMargin.Rule}.");
    }

    private void Time()
    {
        var time = Main.Winner.Step.Time;
        var table = Columns("time of a step", "%", "", "s");
        foreach (var (name, parts) in TimeParts.Tree(time).Where(group => group.Parts.Sum(p => p.Seconds) > 0))
        {
            AddRow(name, parts.Sum(p => p.Seconds));
            foreach (var (part, seconds) in parts.Where(p => parts.Count > 1 && p.Seconds > 0))
                AddRow("  " + NetworkTiersOf(part), seconds);
        }

        _console.Write(table);

        void AddRow(string name, double seconds) =>
            table.AddRow(name, $"{100 * seconds / time.Total:0.0}", Bar(seconds / time.Total), $"{seconds:0.000}");
    }

    private void Links()
    {
        var step = Main.Winner.Step;
        var nvlink = step.NvlinkBytesPerGpu / (step.Time.Total * Request.Cluster.Server.NvlinkBandwidth.Value);
        var network = step.NetworkBytesPerGpu / (step.Time.Total * Request.Cluster.Network.BandwidthPerGpu.Value);
        var tiers = NetworkTiers.Of(Request, Main.Winner.Layout).Select(t => $"{t.Axis} {t.Tier}");
        _console.WriteLine($"Links: NVLink {PlanWords.Percent(nvlink)} and network {PlanWords.Percent(network)} busy; the axes reach: {string.Join(", ", tiers)}.");
        _console.WriteLine();
    }

    private string NetworkTiersOf(string part)
    {
        var axis = part switch { "tensor parallel" => "tp", "context parallel" => "cp", "expert parallel" => "ep", "data parallel" => "dp", "pipeline transfers" => "pp", _ => "" };
        var tier = NetworkTiers.Of(Request, Main.Winner.Layout).LastOrDefault(t => axis.Length > 0 && t.Axis.StartsWith(axis, StringComparison.Ordinal)).Tier;
        return tier is null ? part : $"{part} ({tier})";
    }

    private void RunnersUp()
    {
        var table = Columns("", Request.Fixed.HasMesh ? "best of this mesh" : "best of each mesh", "batch", "step", "MFU", "GiB", "power", PlanWords.Objective(Request.Objective), "what binds; against the best");
        foreach (var (candidate, i) in Main.Best.Select((c, i) => (c, i)))
        {
            var binds = string.Join(", ", Binding.Of(Request, candidate).Take(3));
            table.AddRow(
                $"{i + 1}", LayoutText.Of(candidate.Layout), $"{candidate.GlobalBatchSequences:N0}", PlanWords.Step(candidate.Step.Time.Total),
                PlanWords.Percent(MfuOf(candidate)), $"{candidate.Step.Memory.Total / (1L << 30):0.0}", PlanWords.Megawatts(candidate.Run.FacilityWatts),
                PlanWords.Score(Request.Objective, candidate.Score), i == 0 ? binds : $"{binds}\n{Against(candidate)}");
        }

        _console.Write(table);
    }

    private string Against(in Candidate candidate) =>
        $"+{100 * (candidate.Score / Main.Winner.Score - 1):0.00} %: {Binding.WhyWorse(Main.Winner, candidate)}";

    private double MfuOf(in Candidate candidate) =>
        ShapeFlops.Of(Request.Model, Main.Phase.SeqLen).PerSequence * candidate.GlobalBatchSequences
        / (candidate.Layout.World * candidate.Step.Time.Total * Request.Cluster.Gpu.Peak(Request.Precision).Value);

    private void Phases()
    {
        var table = Columns("phase", "tokens", "batch x sequence", "layout", "step", "days", "GPU-hours");
        foreach (var phase in _plan.Phases)
        {
            table.AddRow(
                phase.Phase.Name, PlanWords.Count(phase.Phase.Tokens), $"{phase.Winner.GlobalBatchSequences:N0} x {phase.Phase.SeqLen:N0}",
                LayoutText.Of(phase.Winner.Layout), PlanWords.Step(phase.Winner.Step.Time.Total), $"{phase.Winner.Run.Seconds / 86400:0.00}",
                PlanWords.Count(phase.GpuHours));
        }

        table.AddRow("all", PlanWords.Count(_plan.Tokens), "", "", "", $"{_plan.Seconds / 86400:0.00}", PlanWords.Count(_plan.GpuHours));
        _console.Write(table);
    }

    private void Footer()
    {
        if (Main.Recovery is { } recovery)
            _console.WriteLine($"Failures: {recovery}");
        foreach (var law in PlanScaling.Of(_plan))
        {
            var loss = law.Loss is { } nats ? $", and a loss of {nats:0.00} nats a token of its corpus for this run" : "";
            _console.WriteLine($"Published law {law.Law.Name} for {law.Flops:0.00e+00} FLOPs: best are {PlanWords.Count(law.Optimum.Parameters)} parameters on " +
                $"{PlanWords.Count(law.Optimum.Tokens)} tokens{loss}{(law.Optimum.IsExtrapolated ? "; extrapolated" : "")} ({law.Law.Source}).");
        }

        _console.WriteLine();
        var counts = Main.Counts;
        _console.WriteLine($"Searched {counts.Raw:N0} layouts: {counts.Evaluated:N0} evaluated, {counts.Fitting:N0} of them fit; {counts.SkippedByTime:N0} skipped, since a " +
            $"lower bound shows that they lose; {counts.SkippedByMemory:N0} skipped, since the leanest of their kind does not fit; {counts.Illegal:N0} do not divide.");
    }

    private static string Bar(double share) => new('█', (int)Math.Round(BarWidth * Math.Clamp(share, 0, 1)));

    private static Table Columns(params string[] names)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var name in names)
            table.AddColumn(name);
        return table;
    }
}
