using Altiplano.Planning.Costs;
using Altiplano.Planning.Search;

namespace Altiplano.Planning.Campaign;

/// <summary>What a run takes on the best layout that the search finds for its GPUs.</summary>
public static class SearchedRun
{
    /// <exception cref="ConfigException">Nothing is legal and fits; says what comes nearest, each with the run's path.</exception>
    public static PlannedRun Plan(CampaignSpec campaign, CampaignRun run, StackCoefficients stack, int threads)
    {
        var winner = Search(campaign, run, stack, threads).Main.Winner;
        var economics = winner.Run;
        var basis = $"{LayoutText.Of(winner.Layout)}, goodput {economics.Goodput:0.0%}";
        return new PlannedRun(economics.Seconds, 0, 0, stack.RelativeSigma, Evidence.Interpolated, basis)
            .WithPowerOf(campaign, run, winner.Step, winner.Layout.World, economics.Goodput);
    }

    private static TrainingPlan Search(CampaignSpec campaign, CampaignRun run, StackCoefficients stack, int threads)
    {
        try
        {
            return new Planner(Request(campaign, run, stack, threads)).Plan();
        }
        catch (ConfigException error)
        {
            var path = $"runs[{campaign.Runs.ToList().IndexOf(run)}] ({run.Name})";
            throw new ConfigException([.. error.Problems.Select(problem => $"{path}: {problem}")]);
        }
    }

    private static PlanRequest Request(CampaignSpec campaign, CampaignRun run, StackCoefficients stack, int threads)
    {
        var most = run.GlobalBatchTokens.Value / run.SeqLen;
        var least = run.MinGlobalBatchTokens is { } tokens ? Math.Max(1, tokens.Value / run.SeqLen) : most;
        return new PlanRequest
        {
            Model = run.Model,
            Cluster = campaign.Fleet,
            Stack = stack,
            Phases = [new PlanPhase(run.Name, run.Tokens.Value, run.SeqLen, least, most)],
            Precision = run.Precision,
            Gpus = campaign.GpusOf(run),
            Objective = Objective.Time,
            Top = 1,
            Threads = threads,
        };
    }
}
