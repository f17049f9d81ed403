using System.Globalization;
using Altiplano.Planning.Backtest;
using Spectre.Console;

namespace Altiplano.Cli.Verbs;

/// <summary>The answer of <c>backtest</c> for people.</summary>
internal static class BacktestTable
{
    private const int Width = 180;

    /// <inheritdoc cref="BacktestJson.Write"/>
    public static void Write(IReadOnlyList<CaseResult> results, HeldOutErrors? leftOut, bool withRuns, TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Width;
        if (withRuns)
            console.Write(Runs(results));
        foreach (var result in results)
            WriteRemarks(result, output);
        if (results.Any(r => r.Prediction?.Case.MeasuredSeconds is not null))
            WriteErrors(ErrorTable.Of(results), console);
        if (leftOut is not { Sources.Count: > 0 })
            return;
        console.Write(Errors("step time, each source by coefficients fitted to the others", leftOut.Sources, "in 80 % interval"));
        console.Write(Errors("step time, each half of the runs by coefficients fitted to the other", leftOut.Halves, "in 80 % interval"));
    }

    private static void WriteErrors(ErrorTable table, IAnsiConsole console)
    {
        console.Write(Errors("step time", table.Time, "in 80 % interval"));
        console.Write(Errors("step time by one efficiency a stack and the bubble", [.. table.Naive.Take(2)], "–"));
        if (table.Memory.Count > 0)
            console.Write(Errors("memory", table.Memory, "within 10 %"));
        if (table.Rates.Count > 0)
        {
            console.Write(Rates(table.Rates));
            console.WriteLine("MFU counts no recompute, nor the scores that attention computes again in its backward pass; HFU would.");
        }

        var (verdicts, regret) = (table.Verdicts, table.Regret);
        console.WriteLine($"memory: {verdicts.RefusedThoughRan} of {verdicts.Ran} runs that ran were said not to fit, " +
            $"{verdicts.FittedThoughOutOfMemory} of {verdicts.OutOfMemory} that ran out of memory were said to fit.");
        if (regret.Groups > 0)
        {
            console.WriteLine($"layouts: choosing by prediction among {regret.Groups} sets of measured layouts costs {Percent(regret.Mean)} % " +
                $"on average, {Percent(regret.Max)} % at most.");
        }
    }

    private static Table Errors(string what, IReadOnlyList<ErrorRow> rows, string coverage)
    {
        var table = Columns($"errors of {what}, %", "runs", "mean", "median", "p95", "max", "bias", "rank", coverage);
        foreach (var (set, errors) in rows)
        {
            table.AddRow(
                Markup.Escape(set), errors.Count.ToString(CultureInfo.InvariantCulture), Percent(errors.Mean), Percent(errors.Median),
                Percent(errors.P95), Percent(errors.Max), Signed(errors.Bias),
                double.IsFinite(errors.RankCorrelation) ? errors.RankCorrelation.ToString("0.000", CultureInfo.InvariantCulture) : "–",
                coverage == "–" ? "–" : Percent(errors.Coverage));
        }

        return table;
    }

    private static Table Runs(IReadOnlyList<CaseResult> results)
    {
        var table = Columns("run", "step, s", "80 % interval", "measured, s", "error, %", "tokens/s/GPU", "memory, GiB", "measured, GiB", "grade");
        foreach (var prediction in results.Select(r => r.Prediction).OfType<CasePrediction>())
        {
            var (step, measured) = (prediction.StepSeconds, prediction.Case.MeasuredSeconds);
            table.AddRow(
                Markup.Escape(prediction.Case.Run.Id), Number(step.Value), $"{Number(step.Low)} to {Number(step.High)}",
                measured is { } seconds ? Number(seconds) : "–", measured is { } m ? Signed(step.Value / m - 1) : "–",
                Number(prediction.TokensPerSecondPerGpu), Number(prediction.MemoryGib),
                prediction.Case.Run.Measured.MemoryGib is { } memory ? Number(memory) : "–",
                EvidenceWords.Show(prediction.StepSeconds.Evidence));
        }

        return table;
    }

    private static Table Rates(IReadOnlyList<RateRow> rates)
    {
        var table = Columns("rate only", "published TFLOP/s", "ours", "80 % interval", "MFU, %");
        foreach (var rate in rates)
        {
            table.AddRow(
                Markup.Escape(rate.Id), Number(rate.PublishedTflops), Number(rate.Tflops.Value),
                $"{Number(rate.Tflops.Low)} to {Number(rate.Tflops.High)}", Percent(rate.Mfu));
        }

        return table;
    }

    private static void WriteRemarks(CaseResult result, TextWriter output)
    {
        if (result.Refusal is { } refusal)
            output.WriteLine($"{result.Run.Id}: refused. {refusal}");
        if (result.Run.UnknownKeys.Count > 0)
            output.WriteLine($"{result.Run.Id}: unknown keys {string.Join(", ", result.Run.UnknownKeys)}.");
    }

    private static Table Columns(string first, params string[] others)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumn(new TableColumn(first).NoWrap());
        foreach (var name in others)
            table.AddColumn(new TableColumn(name).RightAligned());
        return table;
    }

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (share * 100).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value is >= 1000 and < 1e9 ? "N0" : "G4", CultureInfo.InvariantCulture);
}
