using Altiplano.Planning.Costs;
using Altiplano.Planning.Power;
using Altiplano.Planning.Search;

namespace Altiplano.Planning.Campaign;

/// <summary>What a run takes on the best layout that the search finds for its GPUs.</summary>
public static class SearchedRun
{
    /// <param name="threads">Threads of the search.</param>
    /// <exception cref="ConfigException">Nothing is legal and fits; says what comes nearest, each with the run's path.</exception>
    public static PlannedRun Plan(CampaignSpec campaign, CampaignRun run, StackCoefficients stack, RunReliability? reliability, int threads)
    {
        var winner = Search(campaign, run, stack, reliability, threads).Main.Winner;
        var (economics, world) = (winner.Run, winner.Layout.World);
        var idle = new PowerModel(campaign.Fleet, run.Precision).IdleUse;
        var unused = campaign.GpusOf(run) - world;
        var facility = economics.Joules / economics.Seconds;
        return new PlannedRun(
            economics.Seconds,
            facility * economics.ItWatts / economics.FacilityWatts + unused * idle.It,
            facility + unused * idle.Facility,
            stack.RelativeSigma, Evidence.Interpolated,
            string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{LayoutText.Of(winner.Layout)}, goodput {economics.Goodput:0.0%}"));
    }

    private static TrainingPlan Search(
        CampaignSpec campaign, CampaignRun run, StackCoefficients stack, RunReliability? reliability, int threads)
    {
        try
        {
            return new Planner(Request(campaign, run, stack, reliability) with { Threads = threads }).Plan();
        }
        catch (ConfigException error)
        {
            var path = $"runs[{campaign.Runs.ToList().IndexOf(run)}] ({run.Name})";
            throw new ConfigException([.. error.Problems.Select(problem => $"{path}: {problem}")]);
        }
    }

    private static PlanRequest Request(CampaignSpec campaign, CampaignRun run, StackCoefficients stack, RunReliability? reliability)
    {
        var most = run.GlobalBatchTokens.Value / run.SeqLen;
        var least = run.MinGlobalBatchTokens is { } tokens ? Math.Max(1, tokens.Value / run.SeqLen) : most;
        return new PlanRequest
        {
            Model = run.Model,
            Cluster = campaign.Fleet,
            Stack = stack,
            Reliability = reliability?.For(run.Model, campaign.Fleet, campaign.GpusOf(run)),
            Phases = [new PlanPhase(run.Name, run.Tokens.Value, run.SeqLen, least, most)],
            Precision = run.Precision,
            Gpus = campaign.GpusOf(run),
            Objective = Objective.Time,
            Top = 1,
        };
    }
}
