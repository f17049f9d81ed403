using System.Globalization;

namespace Altiplano.Planning.Backtest;

/// <summary>Collects why a case cannot be computed and what was assumed so that it can.</summary>
/// <param name="run">Its problems come first; nothing is said of what follows from them.</param>
internal sealed class CaseProblems(PublishedRun run)
{
    private readonly HashSet<string> _reported = [.. run.UnreadableKeys];

    public List<string> Problems { get; } = [.. run.Problems];

    public List<string> Assumptions { get; } = [];

    /// <summary>A value that nothing replaces; 1 stands in for it so that the other problems are found too.</summary>
    public int Require(int? value, string path, string what)
    {
        if (value is { } given)
            return given;
        if (!IsReported(path))
            Problems.Add($"{path} is not given. {what} is needed and has no default.");
        MarkReported(path);
        return 1;
    }

    /// <summary>A value that has a default, which is noted as assumed.</summary>
    public T Assume<T>(T? value, T fallback, string path)
        where T : struct
    {
        if (value is { } given)
            return given;
        if (!IsReported(path))
            Assumptions.Add(string.Create(CultureInfo.InvariantCulture, $"{path} is not given: {fallback}"));
        return fallback;
    }

    /// <summary>Adds the problem of a rule that is broken.</summary>
    /// <param name="paths">The keys that the rule joins: where one of them has a problem of its own, the rule is not asked.</param>
    public void RefuseUnless(bool isLegal, string problem, params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
            isLegal |= IsReported(path);
        if (!isLegal)
            Problems.Add(problem);
    }

    /// <summary>Rules that join the key are not asked from here on.</summary>
    public void MarkReported(string path) => _reported.Add(path);

    /// <summary>True where a problem of the key, or of the object that it belongs to, was reported.</summary>
    public bool IsReported(string path) => _reported.Contains(path) || _reported.Contains(path.Split('.')[0]);
}
