namespace Altiplano.Planning.Reliability;

/// <summary>What breaks. A source that does not say is <see cref="Unattributed"/>.</summary>
public enum FailureComponent
{
    Unattributed,
    Gpu,
    Hbm,
    Nic,
    /// <summary>Links and switches.</summary>
    Network,
    /// <summary>Processor, memory, board and maintenance of a server.</summary>
    Host,
    Software,
    Storage,
    Power,
    /// <summary>A wrong result that nothing reports: found late, and all work since is lost.</summary>
    SilentCorruption,
}
