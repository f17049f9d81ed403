using System.Globalization;

namespace Altiplano.Distributed.Launchers;

/// <summary>Reads variables of one launcher and gathers what is wrong with them.</summary>
internal sealed class VariableReading(IReadOnlyDictionary<string, string> environment, LauncherVariables variables)
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    /// <summary>The number of a variable that must be there; 0 where there is none.</summary>
    public int ReadNumber(string name, int least) => ReadText(name) is { } text ? Parse(name, text, least) ?? 0 : 0;

    /// <summary>The text of a variable that must be there; null where there is none.</summary>
    public string? ReadText(string name)
    {
        if (environment.TryGetValue(name, out var text) && text.Length > 0)
            return text;
        var mark = Array.Find(variables.Marks, environment.ContainsKey);
        _problems.Add(
            $"{name} is missing, but {mark} is set: {variables.Title} sets both. Pass both on to the program, or unset {mark} for a run on one rank.");
        return null;
    }

    /// <summary>The number of a variable that may be absent.</summary>
    public int? Find(string? name, int least) =>
        name is not null && environment.TryGetValue(name, out var text) && text.Length > 0 ? Parse(name, text, least) : null;

    public void Require(bool holds, string problem)
    {
        if (!holds)
            _problems.Add(problem);
    }

    private int? Parse(string name, string text, int least)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least)
            return value;
        _problems.Add($"{name} is \"{text}\", but it must be a whole number, {least} or more. It is set by {variables.Title}.");
        return null;
    }
}
