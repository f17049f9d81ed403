namespace Altiplano.Cli;

/// <summary>What the program's exit status says; documented in docs/cli.md.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Failed = 1;

    /// <summary>The command line or a configuration is at fault: nothing was started.</summary>
    public const int Usage = 2;

    /// <summary>
    /// Stopped by a signal after saving: the same command goes on from there. EX_TEMPFAIL, on which Slurm can requeue.
    /// </summary>
    public const int Interrupted = 75;
}
