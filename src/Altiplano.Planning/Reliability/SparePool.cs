namespace Altiplano.Planning.Reliability;

/// <summary>Spares that stand in for servers in repair: how often they do not suffice.</summary>
/// <remarks>The load is the mean number of servers in repair: losses a second times seconds of repair.</remarks>
public static class SparePool
{
    /// <summary>Share of the time that a run which needs every server waits for a repair.</summary>
    /// <remarks>
    /// Erlang's loss formula B(spares + 1, load): servers in repair are the busy lines, and nothing fails while all lines are
    /// busy, since the run stands still. Holds for every distribution of repair times.
    /// </remarks>
    public static double WaitingShare(int spares, double load)
    {
        var blocking = 1.0;
        for (var lines = 1; lines <= spares + 1; lines++)
            blocking = NextBlocking(blocking, lines, load);
        return blocking;
    }

    /// <summary>Erlang's recursion: B(lines) from B(lines - 1).</summary>
    public static double NextBlocking(double blocking, int lines, double load) => load * blocking / (lines + load * blocking);

    /// <summary>Mean number of losses that no spare covers, where the run goes on without them: E[(n - spares)+], n Poisson.</summary>
    public static double MeanUncovered(int spares, double load)
    {
        if (load == 0)
            return 0;
        // E[(n-S)+] = load - S + Σ_{n<S} (S-n) p(n), with p(n) from its logarithm, since e^-load underflows.
        var (logP, below) = (-load, 0.0);
        for (var n = 0; n < spares; n++)
        {
            below += (spares - n) * Math.Exp(logP);
            logP += Math.Log(load / (n + 1));
        }

        return Math.Max(0, load - spares + below);
    }
}
