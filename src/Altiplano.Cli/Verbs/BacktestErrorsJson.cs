using System.Text.Json;
using Altiplano.Planning.Backtest;

namespace Altiplano.Cli.Verbs;

/// <summary>The tables of errors of <c>backtest --json</c>; errors are shares, 0.05 being 5 %.</summary>
internal static class BacktestErrorsJson
{
    public static void Write(Utf8JsonWriter json, ErrorTable table)
    {
        WriteRows(json, "step_time", table.Time);
        WriteRows(json, "naive_step_time", table.Naive);
        WriteRows(json, "memory", table.Memory);
        json.WriteStartObject("memory_verdicts");
        json.WriteNumber("ran", table.Answers.Ran);
        json.WriteNumber("within_uncertainty", table.Answers.WithinUncertainty);
        json.WriteNumber("refused_though_ran", table.Answers.RefusedThoughRan);
        json.WriteNumber("out_of_memory", table.Answers.OutOfMemory);
        json.WriteNumber("fitted_though_out_of_memory", table.Answers.FittedThoughOutOfMemory);
        json.WriteEndObject();
        json.WriteStartObject("layout_regret");
        json.WriteNumber("groups", table.Regret.Groups);
        json.WriteNumber("mean", table.Regret.Mean);
        json.WriteNumber("max", table.Regret.Max);
        json.WriteEndObject();
        json.WriteStartArray("rates");
        foreach (var rate in table.Rates)
            WriteRate(json, rate);
        json.WriteEndArray();
    }

    public static void WriteRows(Utf8JsonWriter json, string name, IReadOnlyList<ErrorRow> rows)
    {
        json.WriteStartArray(name);
        foreach (var (set, errors) in rows)
        {
            json.WriteStartObject();
            json.WriteString("set", set);
            json.WriteNumber("count", errors.Count);
            json.WriteNumber("mean", errors.Mean);
            json.WriteNumber("median", errors.Median);
            json.WriteNumber("p95", errors.P95);
            json.WriteNumber("max", errors.Max);
            json.WriteNumber("bias", errors.Bias);
            if (double.IsFinite(errors.RankCorrelation))
                json.WriteNumber("rank_correlation", errors.RankCorrelation);
            json.WriteNumber("coverage", errors.Coverage);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRate(Utf8JsonWriter json, RateRow rate)
    {
        json.WriteStartObject();
        json.WriteString("id", rate.Id);
        json.WriteNumber("published_tflops_per_gpu", rate.PublishedTflops);
        json.WriteNumber("tflops_per_gpu", rate.Tflops.Value);
        json.WriteNumber("mfu", rate.Mfu);
        json.WriteEndObject();
    }
}
