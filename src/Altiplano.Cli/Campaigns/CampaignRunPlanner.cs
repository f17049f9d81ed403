using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Campaign;

namespace Altiplano.Cli.Campaigns;

/// <summary>Plans the runs of a campaign that have no rate, by searching their layouts.</summary>
internal static class CampaignRunPlanner
{
    /// <exception cref="ConfigException">The fleet names no failure rates, or no policy.</exception>
    public static Func<CampaignRun, PlannedRun> For(PresetFolder presets, CampaignSpec campaign)
    {
        var reliability = new Lazy<Planning.Search.RunReliability?>(() => PlanReliability.Read(presets, campaign.Fleet.Reliability, null));
        return run => SearchedRun.Plan(campaign, run, PlanStack.For(presets, campaign.Fleet, run.Precision), reliability.Value, Environment.ProcessorCount);
    }
}
