namespace Altiplano.Planning.Reliability;

/// <summary>Failures a second of a whole run, by what they take.</summary>
/// <param name="Kept">The server goes on after a restart.</param>
/// <param name="Lost">The server is out until it is repaired.</param>
/// <param name="Corrupting">Results are wrong until somebody notices; then the server is out too.</param>
public readonly record struct FailureClasses(double Kept, double Lost, double Corrupting)
{
    public double Total => Kept + Lost + Corrupting;

    /// <summary>Failures that send a server to repair.</summary>
    public double ServerLoss => Lost + Corrupting;
}
