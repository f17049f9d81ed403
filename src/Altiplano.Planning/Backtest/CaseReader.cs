using System.Globalization;
using System.Text.Json;

namespace Altiplano.Planning.Backtest;

/// <summary>Reads one case by the table of <see cref="CaseKeys"/>.</summary>
internal static class CaseReader
{
    private static readonly Dictionary<string, CaseKey> Keys = CaseKeys.All.ToDictionary(k => k.Path);
    private static readonly HashSet<string> Objects =
        [.. CaseKeys.All.Where(k => k.Path.Contains('.', StringComparison.Ordinal)).Select(k => k.Path.Split('.')[0])];

    /// <param name="index">0 for the first case of the file; names a case without an id.</param>
    public static PublishedRun Read(JsonElement json, int index)
    {
        var run = new PublishedRun { Id = $"#{(index + 1).ToString(CultureInfo.InvariantCulture)}" };
        if (json.ValueKind != JsonValueKind.Object)
            return run with { Problems = [$"The case is {Quote(json)}. A case is an object of keys."], UnreadableKeys = [""] };
        var notes = new Notes();
        run = ReadObject(json, "", run, notes);
        return run with { UnknownKeys = notes.Unknown, Problems = notes.Problems, UnreadableKeys = notes.Unreadable };
    }

    private static PublishedRun ReadObject(JsonElement json, string prefix, PublishedRun run, Notes notes)
    {
        foreach (var property in json.EnumerateObject())
            run = ReadProperty(property.Value, prefix + property.Name, run, notes);
        return run;
    }

    private static PublishedRun ReadProperty(JsonElement json, string path, PublishedRun run, Notes notes)
    {
        if (Objects.Contains(path))
            return ReadPart(json, path, run, notes);
        if (!Keys.TryGetValue(path, out var key))
        {
            notes.Unknown.Add(path);
            return run;
        }

        if (json.ValueKind == JsonValueKind.Null)
            return run;
        if (key.Read(json, run) is { } read)
            return read;
        if (!key.IsForReaders)
            notes.Refuse(path, $"{path} is {Quote(json)}. It must be {Article(key.Kind)}{key.Kind}{(key.Unit.Length > 0 ? $" of {key.Unit}" : "")}.");
        return run;
    }

    private static PublishedRun ReadPart(JsonElement json, string path, PublishedRun run, Notes notes)
    {
        if (json.ValueKind == JsonValueKind.Object)
            return ReadObject(json, $"{path}.", run, notes);
        if (json.ValueKind != JsonValueKind.Null)
            notes.Refuse(path, $"{path} is {Quote(json)}. It must be an object of keys.");
        return run;
    }

    private static string Article(string kind) => kind is "whole number" || kind.StartsWith("whole", StringComparison.Ordinal) ? "a " : "";

    private static string Quote(JsonElement json)
    {
        const int longest = 40;
        var text = json.GetRawText();
        return text.Length <= longest ? text : $"{text.AsSpan(0, longest)}...";
    }

    /// <summary>What is odd about a case.</summary>
    private sealed class Notes
    {
        public List<string> Unknown { get; } = [];
        public List<string> Problems { get; } = [];
        public List<string> Unreadable { get; } = [];

        public void Refuse(string path, string problem)
        {
            Problems.Add(problem);
            Unreadable.Add(path);
        }
    }
}
