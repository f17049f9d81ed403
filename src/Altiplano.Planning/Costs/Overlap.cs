namespace Altiplano.Planning.Costs;

/// <summary>What is left of communication that runs beside compute.</summary>
public static class Overlap
{
    /// <param name="window">Compute under which it may hide.</param>
    /// <param name="contention">Share of the hidden time that slower kernels pay back.</param>
    public static double Exposed(double communication, double window, double contention)
    {
        var hidden = Math.Min(communication, window);
        return communication - hidden + contention * hidden;
    }
}
