using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

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
        var seconds = run.Tokens.Value * TokenFlops.Training(run.Model, run.SeqLen) / (gpus * rate.Value) / run.Goodput;
        return new PlannedRun(seconds, 0, 0, RelativeSigma, Evidence.Assumed, $"given rate, {rate} a GPU")
            .WithPowerOf(campaign, run, StepAt(rate.Value, campaign.Fleet), gpus, run.Goodput);
    }

    /// <summary>One second of a step at a rate.</summary>
    private static StepCost StepAt(double rate, ClusterSpec cluster)
    {
        var time = new StepTime { Matrices = ComputeShare, DataParallel = 1 - ComputeShare };
        return new StepCost(time, default, 0, rate, MemoryUse * ComputeShare * cluster.Gpu.MemoryBandwidth.Value, 0, 0);
    }
}
