namespace Altiplano.Planning;

/// <summary>Gathers what is wrong with one description; each problem begins with the path of the key to mend.</summary>
/// <param name="path">Path of the description itself; empty for a whole file.</param>
internal sealed class ProblemList(string path)
{
    private readonly List<string> _problems = [];

    public IReadOnlyList<string> Problems => _problems;

    /// <param name="value">The value with its unit.</param>
    /// <param name="rule">What follows "but": the rule, and what to write instead.</param>
    public void Require(bool holds, string key, object? value, string rule)
    {
        if (!holds)
            _problems.Add($"{PathOf(key)} is {value}, but {rule}");
    }

    /// <summary>Requires a number above 0.</summary>
    /// <param name="shown">The number with its unit.</param>
    public void RequirePositive(double value, string key, object shown) =>
        Require(value > 0 && double.IsFinite(value), key, shown, "it must be above 0.");

    /// <summary>Requires a number of 0 or more.</summary>
    /// <param name="shown">The number with its unit.</param>
    public void RequireNotNegative(double value, string key, object shown) =>
        Require(value >= 0 && double.IsFinite(value), key, shown, "it must be 0 or more.");

    /// <summary>Refuses a number that nobody means: a slip of the unit or of the power of ten.</summary>
    /// <param name="shown">The number with its unit.</param>
    /// <param name="shownMost">The limit with its unit.</param>
    public void RequireAtMost(double value, double most, string key, object shown, object shownMost) =>
        Require(!(value > most && double.IsFinite(value)), key, shown, $"more than {shownMost} is taken for a slip. Use {shownMost} or less.");

    public void AddRange(IEnumerable<string> problems) => _problems.AddRange(problems);

    /// <summary>The path of a key of the description, for example <c>cluster.network.kind</c>.</summary>
    public string PathOf(string key) => path.Length == 0 ? key : $"{path}.{key}";
}
