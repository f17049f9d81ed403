using Altiplano.Planning.Costs;
using Altiplano.Planning.Power;

namespace Altiplano.Planning.Campaign;

/// <summary>What a run takes on the GPUs that it asks for.</summary>
/// <param name="Seconds">From its first step to its last, failures counted; its uncertainty is in <paramref name="RelativeSigma"/>.</param>
/// <param name="ItWatts">Mean of the run.</param>
/// <param name="FacilityWatts">Mean of the run, at the meter.</param>
/// <param name="RelativeSigma">Standard deviation of the logarithm of the time.</param>
/// <param name="Evidence">What the time rests on.</param>
/// <param name="Basis">The layout, or where the rate comes from; for a reader.</param>
public sealed record PlannedRun(
    double Seconds, double ItWatts, double FacilityWatts, double RelativeSigma, Evidence Evidence, string Basis)
{
    /// <summary>This run with the power that its steps draw, and that of its GPUs that stand still.</summary>
    /// <param name="gpus">GPUs that step; the others that the run holds are idle.</param>
    /// <param name="goodput">Part of the time that steps for good; in the rest the run is stopped.</param>
    public PlannedRun WithPowerOf(CampaignSpec campaign, CampaignRun run, in StepCost step, long gpus, double goodput)
    {
        var model = new PowerModel(campaign.Fleet, run.Precision);
        var (stepping, stopped, idle) = (model.Evaluate(step, gpus), model.StoppedUse, model.IdleUse);
        var unused = campaign.GpusOf(run) - gpus;
        return this with
        {
            ItWatts = goodput * stepping.ItMean + (1 - goodput) * gpus * stopped.It + unused * idle.It,
            FacilityWatts = goodput * stepping.FacilityMean + (1 - goodput) * gpus * stopped.Facility + unused * idle.Facility,
        };
    }
}
