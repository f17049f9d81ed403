using System.Text.Json;

namespace Altiplano.Planning.Backtest;

/// <summary>One key of a case: how it is read and what the schema page says of it.</summary>
/// <param name="Path">With its object: <c>model.layers</c>.</param>
/// <param name="Kind">What the value must be.</param>
/// <param name="Default">What holds where the key is absent or null; <c>required</c> where nothing can.</param>
/// <param name="Read">The run with the value; null where the value is of another kind or outside the range.</param>
/// <param name="IsForReaders">True for what the computation does not look at: a bad value is no reason to refuse.</param>
public sealed record CaseKey(
    string Path, string Kind, string Unit, string Default, string Doc, Func<JsonElement, PublishedRun, PublishedRun?> Read,
    bool IsForReaders = false)
{
    public const string Required = "required";
    public const string NotUsed = "not used";

    internal static CaseKey Whole(
        string path, string unit, string fallback, string doc, Func<PublishedRun, int, PublishedRun> with, int least = 1) =>
        new(path, $"whole number, at least {least}", unit, fallback, doc,
            (json, run) => ReadWhole(json, int.MaxValue) is { } value && value >= least ? with(run, (int)value) : null);

    internal static CaseKey LargeWhole(
        string path, string unit, string fallback, string doc, Func<PublishedRun, long, PublishedRun> with) =>
        new(path, "whole number, at least 1", unit, fallback, doc,
            (json, run) => ReadWhole(json, 1e15) is { } value && value >= 1 ? with(run, (long)value) : null);

    internal static CaseKey Measure(string path, string unit, string doc, Func<PublishedRun, double, PublishedRun> with) =>
        new(path, "number above 0", unit, "not compared", doc,
            (json, run) => json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var value) && value > 0 && double.IsFinite(value)
                ? with(run, value) : null,
            IsForReaders: true);

    internal static CaseKey Text(string path, string fallback, string doc, Func<PublishedRun, string, PublishedRun> with) =>
        new(path, "text", "", fallback, doc, (json, run) => json.ValueKind == JsonValueKind.String ? with(run, json.GetString()!) : null);

    internal static CaseKey Remark(string path, string doc, Func<PublishedRun, string, PublishedRun> with) =>
        Text(path, "empty", doc, with) with { IsForReaders = true };

    internal static CaseKey Flag(string path, string fallback, string doc, Func<PublishedRun, bool, PublishedRun> with) =>
        new(path, "true or false", "", fallback, doc,
            (json, run) => json.ValueKind is JsonValueKind.True or JsonValueKind.False ? with(run, json.GetBoolean()) : null);

    /// <summary>A key that people write for one another.</summary>
    internal static CaseKey Unused(string path, string doc) =>
        new(path, "anything", "", NotUsed, doc, (_, run) => run, IsForReaders: true);

    private static double? ReadWhole(JsonElement json, double most) =>
        json.ValueKind == JsonValueKind.Number && json.TryGetDouble(out var value) && value <= most && value == Math.Floor(value) ? value : null;
}
