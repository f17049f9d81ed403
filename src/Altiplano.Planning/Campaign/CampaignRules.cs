namespace Altiplano.Planning.Campaign;

/// <summary>What makes a campaign possible: all problems together.</summary>
internal static class CampaignRules
{
    public static IReadOnlyList<string> FindProblems(CampaignSpec campaign)
    {
        var problems = new List<string>();
        for (var i = 0; i < campaign.Runs.Count; i++)
        {
            var (run, path) = (campaign.Runs[i], $"runs[{i}]");
            problems.AddRange(FindSizeProblems(campaign, run, path));
            problems.AddRange(FindRateProblems(campaign, run, path));
            problems.AddRange(FindNameProblems(campaign, run, i, path));
        }

        // A name that is missing or taken twice says more than the circle that it makes.
        return problems.Count > 0 ? problems : FindCircles(campaign);
    }

    private static IEnumerable<string> FindSizeProblems(CampaignSpec campaign, CampaignRun run, string path)
    {
        var (fleet, perServer) = (campaign.Fleet.NumGpus, campaign.Fleet.Server.GpusPerServer);
        if (run.Gpus is null == run.Share is null)
        {
            yield return $"{path}.gpus and {path}.share are {(run.Gpus is null ? "both missing" : "both given")}, but a run ({run.Name}) has one of them. " +
                $"Give gpus, up to {fleet}, or share, up to 1.";
            yield break;
        }

        if (run.Share is { } share && share is not (> 0 and <= 1))
            yield return $"{path}.share is {share}, but it is a part of the fleet's {fleet} GPUs. Use a number above 0, up to 1.";
        else if (run.Share is not null && campaign.GpusOf(run) == 0)
            yield return $"{path}.share is {run.Share} of {fleet} GPUs, less than one server of {perServer}. Use {(double)perServer / fleet:0.######} or more.";
        if (run.Gpus is not { } gpus)
            yield break;
        if (gpus > fleet)
            yield return $"{path}.gpus is {gpus}, but {campaign.Fleet.Name} has {fleet}. Use {fleet / perServer * perServer} or less.";
        else if (gpus < 1 || gpus % perServer != 0)
            yield return $"{path}.gpus is {gpus}, but a run holds whole servers of {perServer} GPUs. Use {Multiples(gpus, perServer)}.";
    }

    private static IEnumerable<string> FindRateProblems(CampaignSpec campaign, CampaignRun run, string path)
    {
        var peak = campaign.Fleet.Gpu.Peak(run.Precision);
        if (run.Rate is { } rate && !(rate.Value > 0 && rate.Value <= peak.Value))
            yield return $"{path}.rate is {rate}, but a {campaign.Fleet.Gpu.Name} does at most {peak} in {run.Precision.ToString().ToLowerInvariant()}. " +
                "Use less, or leave it out to have the run planned.";
        if (run.Goodput is not (> 0 and <= 1))
            yield return $"{path}.goodput is {run.Goodput}, but it is a part of the time. Use a number above 0, up to 1.";
        if (run.Rate is null && run.Goodput < 1)
            yield return $"{path}.goodput is {run.Goodput}, but it belongs to a given rate, and a planned run ({run.Name}) has its own. Give rate too, or leave it out.";
        if (run.GlobalBatchTokens.Value < run.SeqLen)
            yield return $"{path}.global_batch_tokens is {run.GlobalBatchTokens}, less than one sequence of seq_len {run.SeqLen}. Use {run.SeqLen} or more.";
        if (run.MinGlobalBatchTokens is { } least && least > run.GlobalBatchTokens)
            yield return $"{path}.min_global_batch_tokens is {least}, more than global_batch_tokens, {run.GlobalBatchTokens}. Use {run.GlobalBatchTokens} or less.";
        if (run.Teacher is null && run.TeacherTokens.Value > 0)
            yield return $"{path}.teacher_tokens is {run.TeacherTokens}, but the run ({run.Name}) has no teacher. Give teacher, the name of a run.";
    }

    private static IEnumerable<string> FindNameProblems(CampaignSpec campaign, CampaignRun run, int index, string path)
    {
        if (campaign.Runs.Take(index).Any(other => other.Name == run.Name))
            yield return $"{path}.name is {run.Name}, as an earlier run's, but runs refer to one another by name. Name each differently.";
        var named = run.After.Select((name, i) => (Name: name, Path: $"{path}.after[{i}]"));
        if (run.Teacher is { } teacher)
            named = named.Append((teacher, $"{path}.teacher"));
        foreach (var (name, at) in named.Where(need => campaign.Runs.All(other => other.Name != need.Name)))
            yield return $"{at} is {name}, but no run has that name. {Others(campaign, run)}";
    }

    private static List<string> FindCircles(CampaignSpec campaign)
    {
        var circle = RunOrder.FindCircle(campaign.Runs);
        if (circle.Count == 0)
            return [];
        var index = campaign.Runs.ToList().FindIndex(run => run.Name == circle[0]);
        return [$"runs[{index}].after goes in a circle: {string.Join(" needs ", circle.Append(circle[0]))}; none of them could start. Take one name out."];
    }

    private static string Others(CampaignSpec campaign, CampaignRun run)
    {
        var others = campaign.Runs.Select(other => other.Name).Where(name => name != run.Name).ToArray();
        return others.Length > 0 ? $"Use one of {string.Join(", ", others)}." : "Leave it out: there is no other run.";
    }

    private static string Multiples(int gpus, int perServer)
    {
        var below = gpus / perServer * perServer;
        return below < 1 ? $"{perServer}" : $"{below} or {below + perServer}";
    }
}
