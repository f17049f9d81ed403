using System.Globalization;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;
using Spectre.Console;

namespace Altiplano.Cli.Verbs;

/// <summary>The answer of <c>simulate</c> for people.</summary>
internal static class SimulationTable
{
    private const int Width = 120;

    public static void Write(SimulationQuestion question, SimulationResult result, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Width;
        var spec = result.Spec;
        if (question.Plan is { } plan)
            console.WriteLine($"{plan.Request.Model.Name} on {plan.Request.Cluster.Name}, {LayoutText.Of(plan.Main.Winner.Layout)}");
        console.WriteLine(
            $"{spec.Scale.Gpus:N0} GPUs in {spec.Servers:N0} servers and {spec.Spares:N0} spares, " +
            $"step {spec.StepTime.ToShortString()}, checkpoint every {spec.Interval.ToShortString()}");
        console.WriteLine(
            $"rates {spec.Rates.Name} ({EvidenceWords.Show(spec.Rates.Evidence)}): {Failures(result.MeanTimeBetweenFailures)}; " +
            $"policy {spec.Policy.Name}; {(result.Runs.Length == 1 ? "1 run" : $"{result.Runs.Length:N0} runs")} (simulated)");
        console.Write(Figures(result));
        console.Write(Losses(result.Expected));
        console.WriteLine(Explain(result));
        if (question.Ranking is not [var first, var second, ..])
            return;
        console.WriteLine(first.Against(second));
        console.Write(Ranking(question.Ranking));
    }

    private static Table Figures(SimulationResult result)
    {
        var table = Columns("", "mean", "10 %", "median", "90 %");
        Add("effective training time, %", result.EffectiveTime, 100, "0.00");
        Add("days", result.Days, 1, "0.00");
        Add("steps", result.Steps, 1, "N0");
        Add("lost work, h", result.LostWorkHours, 1, "N1");
        Add("recovery, h", result.RecoveryHours, 1, "N1");
        Add("checkpoints, h", result.SavingHours, 1, "N1");
        Add("waiting for spares, h", result.WaitingHours, 1, "N1");
        Add("failures", result.Failures, 1, "N0");
        foreach (var (component, count) in result.FailuresByComponent.Count > 1 ? result.FailuresByComponent : [])
            Add("  " + FailureRates.Word(component).Replace('_', ' '), count, 1, "N0");
        if (result.Spec.Stragglers is not null)
            Add("slow servers removed", result.SlowServers, 1, "N0");
        Add("energy without cooling, MWh", result.EnergyMwh, 1, "N0");
        Add("mean power of servers, MW", result.MeanMegawatts, 1, "0.00");
        return table;

        void Add(string name, Distribution figure, double scale, string format) => table.AddRow(
            [name, .. new[] { figure.Mean, figure.P10, figure.P50, figure.P90 }.Select(v => (v * scale).ToString(format, CultureInfo.InvariantCulture))]);
    }

    private static Table Losses(GoodputShares shares)
    {
        var table = Columns("where the time goes (closed form)", "%");
        table.AddRow("training", Percent(shares.Training));
        foreach (var (name, share) in shares.Losses().Where(loss => loss.Share >= 5e-5))
            table.AddRow(name, Percent(share));
        return table;
    }

    private static Table Ranking(IReadOnlyList<RecoveryChoice> ranking)
    {
        var table = Columns("policies compared", "trains %", "per server %", "interval", "spares");
        foreach (var choice in ranking)
        {
            table.AddRow(choice.Policy.Name, Percent(choice.Shares.Training), Percent(choice.PerServer),
                choice.Interval.ToShortString(), choice.Spares.ToString("N0", CultureInfo.InvariantCulture));
        }

        return table;
    }

    private static string Explain(SimulationResult result)
    {
        var spec = result.Spec;
        var best = RecoverySearch.Best(spec.Rates, spec.Policy, spec.Scale, spec.Stragglers);
        var difference = (result.EffectiveTime.Mean / result.Expected.Training) - 1;
        var chosen = best.Interval == spec.Interval && best.Spares == spec.Spares ? "As chosen" : "At its best";
        return string.Create(CultureInfo.InvariantCulture,
            $"{chosen}, {best} The simulated mean is {difference * 100:+0.00;-0.00;0.00} % off the closed form.");
    }

    private static Table Columns(string first, params string[] others)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumn(new TableColumn(first));
        foreach (var name in others)
            table.AddColumn(new TableColumn(name).RightAligned());
        return table;
    }

    private static string Failures(Seconds mean) =>
        double.IsFinite(mean.Value) ? $"a failure every {mean.ToShortString()}" : "nothing fails";

    private static string Percent(double share) => (share * 100).ToString("0.00", CultureInfo.InvariantCulture);
}
