namespace Altiplano.Planning.Campaign;

/// <summary>A stretch of time in which the same runs go on.</summary>
/// <param name="Start">Seconds since the campaign began.</param>
/// <param name="BusyGpus">GPUs that runs hold.</param>
/// <param name="RunWatts">At the meter, of the runs.</param>
/// <param name="IdleWatts">At the meter, of all other GPUs and what stands around them.</param>
public sealed record FleetInterval(double Start, double End, int BusyGpus, double RunWatts, double IdleWatts)
{
    public double Watts => RunWatts + IdleWatts;

    public double Seconds => End - Start;
}
