using Altiplano.Planning.Campaign;
using CsCheck;

namespace Altiplano.Tests.Planning.Campaign;

public sealed class CampaignSchedulerTests
{
    private const double Day = 86400;

    private static string Times(CampaignPlan plan) =>
        string.Join(", ", plan.Runs.Select(run => $"{run.Run.Name} {run.Start / Day:0.#}-{run.End / Day:0.#}"));

    [Fact]
    public void Schedule_RunsThatFit_StartTogether() =>
        Times(Campaigns.Plan(Campaigns.Run("a3", 512), Campaigns.Run("b2", 512))).ShouldBe("a3 0-3, b2 0-2");

    [Fact]
    public void Schedule_NoRoom_StartsWhenGpusAreFree()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 512), Campaigns.Run("b2", 512), Campaigns.Run("c1", 512));

        Times(plan).ShouldBe("a3 0-3, b2 0-2, c1 2-3");
        (plan.Runs[2].Waited / Day).ShouldBe(2);
    }

    [Fact]
    public void Schedule_Needs_StartsAfterTheLastOfThem()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 512), Campaigns.Run("b2", 512), Campaigns.Run("c1", 8, "b2", "a3"));

        Times(plan).ShouldBe("a3 0-3, b2 0-2, c1 3-4");
        plan.Runs[2].Waited.ShouldBe(0);
    }

    [Fact]
    public void Schedule_Priority_GoesBeforeTheOrderOfTheFile()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 1024), Campaigns.Run("b2", 1024) with { Priority = 1 }, Campaigns.Run("c1", 1024));

        Times(plan).ShouldBe("a3 2-5, b2 0-2, c1 5-6");
    }

    [Fact]
    public void Schedule_LargeRunWaits_SmallerOneFillsTheGap() =>
        Times(Campaigns.Plan(Campaigns.Run("a3", 512), Campaigns.Run("b2", 1024), Campaigns.Run("c1", 512))).ShouldBe("a3 0-3, b2 3-5, c1 0-1");

    [Fact]
    public void Schedule_Teacher_IsWaitedFor() =>
        Times(Campaigns.Plan(Campaigns.Run("a1", 8) with { Teacher = "b2" }, Campaigns.Run("b2", 8))).ShouldBe("a1 2-3, b2 0-2");

    private static readonly Gen<CampaignRun[]> GenRuns = Gen.Select(
        Gen.Int[1, 9], Gen.Int[1, 128], Gen.Int[0, 2], Gen.Int[0, 100]).List[1, 8].Select(parts => parts.Select((part, i) =>
            Campaigns.Run($"r{i}d{part.Item1}", part.Item2 * 8) with
            {
                Priority = part.Item3,
                After = i > 0 && part.Item4 < 50 ? [$"r{part.Item4 % i}d{parts[part.Item4 % i].Item1}"] : [],
            }).ToArray());

    /// <summary>No moment holds more GPUs than there are, nothing starts before what it needs, and no run could start when one with free GPUs waits.</summary>
    [Fact]
    public void Schedule_AnyCampaign_KeepsItsRules() => GenRuns.Sample(
        runs =>
        {
            var plan = Campaigns.Plan(runs);
            plan.Intervals.ShouldAllBe(interval => interval.BusyGpus > 0 && interval.BusyGpus <= 1024);
            foreach (var run in plan.Runs)
            {
                run.Start.ShouldBeGreaterThanOrEqualTo(run.Run.Needs.Select(n => plan.Runs.First(r => r.Run.Name == n).End).DefaultIfEmpty(0).Max());
                var idleBefore = plan.Intervals.Where(i => i.End <= run.Start && i.Start >= run.Start - run.Waited);
                idleBefore.ShouldAllBe(interval => 1024 - interval.BusyGpus < run.Gpus);
            }
        },
        seed: "0000000000001", iter: 300);

    [Fact]
    public void Schedule_Twice_IsTheSame() => GenRuns.Sample(
        runs => Times(Campaigns.Plan(runs)).ShouldBe(Times(Campaigns.Plan(runs))), seed: "0000000000002", iter: 50);
}
