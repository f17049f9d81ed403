namespace Altiplano.Cli.Plans;

/// <summary>Gathers the problems of several readings, so that all are told at once.</summary>
internal sealed class ProblemCollector
{
    private readonly List<string> _problems = [];

    public void Add(string problem) => _problems.Add(problem);

    /// <summary>Keeps the problems that a check throws.</summary>
    public void Try(Action check)
    {
        try
        {
            check();
        }
        catch (ConfigException error)
        {
            _problems.AddRange(error.Problems);
        }
    }

    /// <returns>The default where the reading has problems, which are kept.</returns>
    public T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ConfigException error)
        {
            _problems.AddRange(error.Problems);
            return default;
        }
    }

    /// <exception cref="ConfigException">There is at least one problem.</exception>
    public void ThrowIfAny() => ConfigException.ThrowIfAny(_problems);
}
