using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Power;

namespace Altiplano.Planning.Campaign;

/// <summary>What a run takes whose rate is given: nothing is searched.</summary>
public static class RatedRun
{
    /// <summary>Part of a step that computes, and of memory bandwidth that it uses meanwhile: usual for large runs, not known for this one.</summary>
    private const double ComputeShare = 0.8, MemoryUse = 0.35;

    private const double RelativeSigma = 0.05;

    /// <exception cref="InvalidOperationException">The run has no rate.</exception>
    public static PlannedRun Plan(CampaignSpec campaign, CampaignRun run)
    {
        var rate = run.Rate ?? throw new InvalidOperationException($"{run.Name} has no rate.");
        var gpus = campaign.GpusOf(run);
        var seconds = run.Tokens.Value * run.FlopsPerToken / (gpus * rate.Value) / run.Goodput;
        var model = new PowerModel(campaign.Fleet, run.Precision);
        var (stepping, stopped) = (model.Evaluate(StepAt(rate.Value, campaign.Fleet), gpus), model.StoppedUse);
        return new PlannedRun(
            seconds,
            run.Goodput * stepping.ItMean + (1 - run.Goodput) * gpus * stopped.It,
            run.Goodput * stepping.FacilityMean + (1 - run.Goodput) * gpus * stopped.Facility,
            RelativeSigma, Evidence.Assumed, $"given rate, {rate} a GPU");
    }

    /// <summary>One second of a step at a rate.</summary>
    private static StepCost StepAt(double rate, ClusterSpec cluster)
    {
        var time = new StepTime { Matrices = ComputeShare, DataParallel = 1 - ComputeShare };
        return new StepCost(time, default, 0, rate, MemoryUse * ComputeShare * cluster.Gpu.MemoryBandwidth.Value, 0, 0);
    }
}
