using System.Text.Json;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>The answer of <c>backtest</c> for programs: each case in the order of the file, then errors; units in the names of the keys.</summary>
internal static class BacktestJson
{
    /// <param name="leftOut">Errors by coefficients that saw other runs; null where they were not asked for.</param>
    public static void Write(IReadOnlyList<CaseResult> results, HeldOutErrors? leftOut, bool withErrors, TextWriter output) => JsonText.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteArray("cases", results, result => WriteCase(json, result));
        if (withErrors)
            BacktestErrorsJson.Write(json, ErrorTable.Of(results));
        if (leftOut is not null)
        {
            BacktestErrorsJson.WriteRows(json, "leave_one_source_out", leftOut.Sources);
            BacktestErrorsJson.WriteRows(json, "held_out_half", leftOut.Halves);
        }

        json.WriteEndObject();
    });

    private static void WriteCase(Utf8JsonWriter json, CaseResult result)
    {
        json.WriteStartObject();
        json.WriteString("id", result.Run.Id);
        if (result.Prediction is { } prediction)
            WritePrediction(json, prediction);
        else
            json.WriteString("refused", result.Refusal);
        WriteTexts(json, "unknown_keys", result.Run.UnknownKeys);
        json.WriteEndObject();
    }

    private static void WritePrediction(Utf8JsonWriter json, CasePrediction prediction)
    {
        var cost = prediction.Cost;
        json.WriteNumber("step_s", prediction.StepSeconds.Value);
        json.WriteNumber("step_low_s", prediction.StepSeconds.Low);
        json.WriteNumber("step_high_s", prediction.StepSeconds.High);
        json.WriteNumber("tokens_per_s_per_gpu", prediction.TokensPerSecondPerGpu);
        json.WriteNumber("model_tflops_per_gpu", prediction.ModelTflopsPerGpu);
        json.WriteNumber("memory_gb", prediction.MemoryGib);
        json.WriteNumber("memory_bytes", Math.Round(cost.Memory.Total));
        json.WriteBoolean("fits_in_memory", prediction.FitsInMemory);
        json.WriteString("memory_verdict", MemoryVerdicts.Show(prediction.Memory));
        json.WriteStartObject("parts");
        foreach (var (name, seconds) in TimeParts.Of(cost.Time))
            json.WriteNumber($"{Key(name)}_s", seconds);
        json.WriteEndObject();
        json.WriteStartObject("memory_parts");
        foreach (var (name, bytes) in MemoryParts.Of(cost.Memory))
            json.WriteNumber($"{Key(name)}_gib", bytes / Bytes.PerGib);
        json.WriteEndObject();
        json.WriteString("grade", EvidenceWords.Key(prediction.StepSeconds.Evidence));
        json.WriteString("stack", prediction.Stack.Name);
        if (prediction.Case.MeasuredSeconds is { } measured)
            json.WriteNumber("measured_step_s", measured);
        if (prediction.Case.Run.Measured.MemoryGib is { } memory)
            json.WriteNumber("measured_memory_gb", memory);
        WriteTexts(json, "assumptions", prediction.Case.Assumptions);
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    private static string Key(string name) => name.Replace(' ', '_');
}
