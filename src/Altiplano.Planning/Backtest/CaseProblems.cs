using System.Globalization;

namespace Altiplano.Planning.Backtest;

/// <summary>Collects why a case cannot be computed and what was assumed so that it can.</summary>
internal sealed class CaseProblems
{
    public List<string> Problems { get; } = [];

    public List<string> Assumptions { get; } = [];

    /// <summary>A value that nothing replaces; 1 stands in for it so that the other problems are found too.</summary>
    public int Require(int? value, string path, string what)
    {
        if (value is { } given)
            return given;
        Problems.Add($"{path} is not given. {what} is needed and has no default.");
        return 1;
    }

    /// <summary>A value that has a default, which is noted as assumed.</summary>
    public T Assume<T>(T? value, T fallback, string path)
        where T : struct
    {
        if (value is { } given)
            return given;
        Assumptions.Add(string.Create(CultureInfo.InvariantCulture, $"{path} is not given: {fallback}"));
        return fallback;
    }

    public void RefuseUnless(bool isLegal, string problem)
    {
        if (!isLegal)
            Problems.Add(problem);
    }
}
