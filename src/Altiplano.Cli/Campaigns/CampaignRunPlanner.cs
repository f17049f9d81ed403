using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Campaign;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Campaigns;

/// <summary>Plans the runs of a campaign that have no rate, by searching their layouts.</summary>
internal static class CampaignRunPlanner
{
    /// <returns>A planner that searches once for runs that differ in tokens alone: their time is in proportion.</returns>
    public static Func<CampaignRun, PlannedRun> For(PresetFolder presets, CampaignSpec campaign)
    {
        var reliability = new Lazy<RunReliability?>(() => PlanReliability.Read(presets, campaign.Fleet.Reliability, null));
        var searched = new List<(CampaignRun Run, PlannedRun Plan)>();
        return run =>
        {
            if (searched.FirstOrDefault(known => IsSameStep(known.Run, run)) is not { Plan: { } plan, Run: { } like })
            {
                var stack = PlanStack.For(presets, campaign.Fleet, run.Precision);
                (like, plan) = (run, SearchedRun.Plan(campaign, run, stack, reliability.Value, Environment.ProcessorCount));
                searched.Add((like, plan));
            }

            return plan with { Seconds = plan.Seconds * run.Tokens.Value / like.Tokens.Value };
        };
    }

    /// <remarks>Grades of a model's sizes are compared by reference, and change no layout.</remarks>
    private static bool IsSameStep(CampaignRun a, CampaignRun b) =>
        a.Model with { Evidence = b.Model.Evidence } == b.Model &&
        (a.Gpus, a.Share, a.SeqLen, a.GlobalBatchTokens, a.MinGlobalBatchTokens, a.Precision) ==
        (b.Gpus, b.Share, b.SeqLen, b.GlobalBatchTokens, b.MinGlobalBatchTokens, b.Precision);
}
