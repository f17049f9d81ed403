using Altiplano.Planning.Economics;
using Altiplano.Planning.Power;

namespace Altiplano.Planning.Campaign;

/// <summary>Plans each run of a campaign, places them in time, and adds up power, energy, carbon and money.</summary>
/// <param name="plan">Plans a run that has no rate of its own.</param>
public sealed class CampaignPlanner(CampaignSpec campaign, Func<CampaignRun, PlannedRun> plan)
{
    private const double SecondsPerHour = 3600;
    private readonly PowerUse _idle = new PowerModel(campaign.Fleet, Precision.Bf16).IdleUse;
    private readonly MoneyModel _money = new(campaign.Fleet);

    /// <exception cref="ConfigException">The campaign has problems; lists them all.</exception>
    public CampaignPlan Plan()
    {
        ConfigException.ThrowIfAny(campaign.FindProblems());
        var plans = campaign.Runs.ToDictionary(run => run.Name, run => run.Rate is null ? plan(run) : RatedRun.Plan(campaign, run));
        var placements = CampaignScheduler.Schedule(campaign, run => plans[run.Name].Seconds + TeacherSeconds(run, plans[run.Name]));
        ScheduledRun[] runs = [.. placements.Select(placement => Scheduled(placement, plans[placement.Run.Name]))];
        var intervals = Intervals(runs);
        var idleGpuHours = intervals.Sum(i => (campaign.Fleet.NumGpus - i.BusyGpus) * i.Seconds) / SecondsPerHour;
        var idleEnergy = RunEnergy.OfJoules(
            idleGpuHours * SecondsPerHour * _idle.It, idleGpuHours * SecondsPerHour * _idle.Facility, campaign.Fleet.Facility);
        return new CampaignPlan
        {
            Campaign = campaign,
            Runs = runs,
            Intervals = intervals,
            IdleEnergy = idleEnergy,
            IdleMoney = _money.OfRun(idleGpuHours, idleEnergy.FacilityKwh) with { Rented = 0 },
        };
    }

    /// <summary>Time of the teacher's forward passes, at the rate that the run itself reaches.</summary>
    private double TeacherSeconds(CampaignRun run, PlannedRun planned)
    {
        if (run.Teacher is null)
            return 0;
        var teacher = campaign.Runs.First(other => other.Name == run.Teacher).Model;
        // A forward pass is a third of a training step's products.
        var passes = run.TeacherTokens.Value * (run with { Model = teacher }).FlopsPerToken / 3;
        return planned.Seconds * passes / (run.Tokens.Value * run.FlopsPerToken);
    }

    private ScheduledRun Scheduled(in Placement placement, PlannedRun planned)
    {
        var seconds = placement.End - placement.Start;
        var energy = RunEnergy.OfJoules(seconds * planned.ItWatts, seconds * planned.FacilityWatts, campaign.Fleet.Facility);
        var money = _money.OfRun(placement.Gpus * seconds / SecondsPerHour, energy.FacilityKwh);
        return new ScheduledRun(
            placement.Run, planned, placement.Gpus, placement.Start, placement.End, TeacherSeconds(placement.Run, planned),
            placement.Start - placement.Ready, energy, money);
    }

    private FleetInterval[] Intervals(ScheduledRun[] runs)
    {
        double[] edges = [.. runs.SelectMany(run => new[] { run.Start, run.End }).Distinct().Order()];
        return [.. edges.Zip(edges.Skip(1), (start, end) => Interval(runs, start, end))];
    }

    private FleetInterval Interval(ScheduledRun[] runs, double start, double end)
    {
        var active = runs.Where(run => run.Start <= start && run.End >= end).ToArray();
        var busy = active.Sum(run => run.Gpus);
        return new FleetInterval(start, end, busy, active.Sum(run => run.Plan.FacilityWatts), (campaign.Fleet.NumGpus - busy) * _idle.Facility);
    }
}
