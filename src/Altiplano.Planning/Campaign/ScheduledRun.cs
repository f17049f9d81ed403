using Altiplano.Planning.Economics;
using Altiplano.Planning.Power;

namespace Altiplano.Planning.Campaign;

/// <summary>A run with its place in time.</summary>
/// <param name="Start">Seconds since the campaign began.</param>
/// <param name="End">Seconds since the campaign began; its GPUs are free from then on.</param>
/// <param name="TeacherSeconds">Part of the time in which the teacher's forward passes run.</param>
/// <param name="Waited">Seconds between the end of all that the run needs and its start, for want of GPUs.</param>
public sealed record ScheduledRun(
    CampaignRun Run, PlannedRun Plan, int Gpus, double Start, double End, double TeacherSeconds, double Waited, RunEnergy Energy, RunMoney Money)
{
    private const double SecondsPerHour = 3600;

    public double Seconds => End - Start;

    public double GpuHours => Gpus * Seconds / SecondsPerHour;

    /// <summary>Dollars for a million trained tokens, for an owner.</summary>
    public double OwnedPerMillionTokens => Money.Owned / (Run.Tokens.Value / 1e6);
}
