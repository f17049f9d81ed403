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

    /// <summary>Mean number of replicas that lack a server for want of a spare, where the run goes on without them.</summary>
    /// <remarks>
    /// The servers in repair, n, are a birth and death chain: births fall with the replicas that are absent, (n - spares)+, since
    /// what is absent cannot fail. Summed outwards from n = spares, so that nothing underflows.
    /// </remarks>
    public static double MeanUncovered(int spares, double load, int replicas)
    {
        const double Negligible = 1e-17;
        var (sum, weighted, p) = (1.0, 0.0, 1.0);
        for (var n = spares; n > 0 && p > Negligible * sum; n--)
        {
            p *= n / load;
            sum += p;
        }

        p = 1;
        for (var absent = 1; absent <= replicas && p > Negligible * sum; absent++)
        {
            p *= load * (replicas - absent + 1) / replicas / (spares + absent);
            sum += p;
            weighted += absent * p;
        }

        return weighted / sum;
    }
}
