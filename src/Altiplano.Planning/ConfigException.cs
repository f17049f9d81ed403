namespace Altiplano.Planning;

/// <summary>A description that its author can mend: a run file, a preset, a model's config, an option.</summary>
/// <remarks>Carries every problem found, each with the path, the value with its unit, the rule and the remedy.</remarks>
public class ConfigException : Exception
{
    public ConfigException(IReadOnlyList<string> problems)
        : base(string.Join(Environment.NewLine, problems)) => Problems = problems;

    public ConfigException(string problem)
        : this([problem])
    {
    }

    public IReadOnlyList<string> Problems { get; }

    /// <exception cref="ConfigException">There is at least one problem.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
            throw new ConfigException(problems);
    }
}
