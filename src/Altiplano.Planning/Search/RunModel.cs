using System.Collections.Concurrent;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Economics;
using Altiplano.Planning.Power;
using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Search;

/// <summary>Time after failures, watts and money of a whole run, from what a step of it costs.</summary>
/// <remarks>
/// Goodput depends on the ranks and the replicas alone (with the step's time taken as that of the bare products), so it is computed once
/// for each number of replicas; with it, an evaluation allocates nothing.
/// </remarks>
public sealed class RunModel(PlanRequest request, PlanPhase phase)
{
    private const double JoulesPerKwh = 3.6e6;
    private const double SecondsPerHour = 3600;

    private readonly PowerModel _power = new(request.Cluster, request.Precision);
    private readonly MoneyModel _money = new(request.Cluster);
    private readonly ConcurrentDictionary<(long World, int Replicas), RecoveryChoice> _recovery = [];

    /// <summary>The policy, interval and spares with which a run of so many ranks keeps most of its time; null where nothing fails.</summary>
    public RecoveryChoice? Recovery(long world, int replicas) =>
        request.Reliability is null ? null : _recovery.GetOrAdd((world, replicas), ChooseRecovery);

    /// <summary>What failures leave of the time of a run of so many ranks.</summary>
    public RecoveryShares Shares(long world, int replicas) =>
        Recovery(world, replicas) is { } choice ? RecoveryShares.Of(choice) : RecoveryShares.WithoutFailures;

    /// <summary>All that a run takes.</summary>
    public RunEconomics Evaluate(long world, in RecoveryShares recovery, in StepCost step, double tokensPerStep)
    {
        var power = _power.Evaluate(step, world);
        return Compose(world, recovery, step.Time.Total, tokensPerStep, power.Gpu.Mean, power.ItMean, power.FacilityMean);
    }

    /// <summary>Watts at the meter for one GPU that does nothing but this.</summary>
    public double FacilityWatts(in StepCost step) => _power.Evaluate(step, 1).FacilityMean;

    /// <summary>All that a run takes, from the time and the power of a step; grows with both.</summary>
    public RunEconomics Compose(
        long world, in RecoveryShares recovery, double stepSeconds, double tokensPerStep, double gpuWatts, double itWatts, double facilityWatts)
    {
        var seconds = phase.Tokens / tokensPerStep * stepSeconds / recovery.Training;
        var stopped = _power.StoppedUse.Facility * world;
        var joules = seconds * (recovery.Stepping * facilityWatts + (1 - recovery.Stepping) * stopped) * (1 + recovery.SpareShare);
        var gpuHours = world * seconds / SecondsPerHour;
        var money = _money.OfRun(gpuHours * (1 + recovery.SpareShare), joules / JoulesPerKwh);
        return new RunEconomics(
            seconds, recovery.Training, gpuHours, gpuWatts, itWatts, facilityWatts, joules, request.IsOwned ? money.Owned : money.Rented);
    }

    private RecoveryChoice ChooseRecovery((long World, int Replicas) run)
    {
        var reliability = request.Reliability!;
        var perServer = request.Cluster.Server.GpusPerServer;
        var servers = (int)((run.World + perServer - 1) / perServer);
        var scale = new RunScale(servers, perServer, run.Replicas, BareStepSeconds(run.World));
        return RecoverySearch.Rank(reliability.Rates, reliability.Policies, scale, reliability.Stragglers)[0];
    }

    /// <summary>A step of the smallest batch at the peak: no layout is faster.</summary>
    private double BareStepSeconds(long world) =>
        phase.MinBatchSequences * ShapeFlops.Of(request.Model, phase.SeqLen).PerSequence / (world * request.Cluster.Gpu.Peak(request.Precision).Value);
}
