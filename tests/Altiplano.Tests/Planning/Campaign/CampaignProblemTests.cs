using Altiplano.Planning;
using Altiplano.Planning.Campaign;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Campaign;

/// <summary>What a user is told of a campaign that cannot be.</summary>
public sealed class CampaignProblemTests
{
    private static string Only(params CampaignRun[] runs) => Campaigns.Of(runs).FindProblems().ShouldHaveSingleItem();

    [Fact]
    public void Gpus_MoreThanTheFleet_AreRefused() =>
        Only(Campaigns.Run("a", 2048)).ShouldBe("runs[0].gpus is 2048, but test has 1024. Use 1024 or less.");

    [Fact]
    public void Gpus_BrokenServer_AreRefused() =>
        Only(Campaigns.Run("a", 100)).ShouldBe("runs[0].gpus is 100, but a run holds whole servers of 8 GPUs. Use 96 or 104.");

    [Fact]
    public void Gpus_LessThanAServer_AreRefused() =>
        Only(Campaigns.Run("a", 4)).ShouldBe("runs[0].gpus is 4, but a run holds whole servers of 8 GPUs. Use 8.");

    [Fact]
    public void GpusAndShare_BothOrNeither_AreRefused()
    {
        Only(Campaigns.Run("a", 8) with { Share = 0.5 }).ShouldBe(
            "runs[0].gpus and runs[0].share are both given, but a run (a) has one of them. Give gpus, up to 1024, or share, up to 1.");
        Only(Campaigns.Run("a", 8) with { Gpus = null }).ShouldStartWith("runs[0].gpus and runs[0].share are both missing");
    }

    [Fact]
    public void Share_OutOfRange_IsRefused() => Only(Campaigns.Run("a", 8) with { Gpus = null, Share = 1.5 }).ShouldBe(
        "runs[0].share is 1.5, but it is a part of the fleet's 1024 GPUs. Use a number above 0, up to 1.");

    [Fact]
    public void Share_LessThanAServer_IsRefused() => Only(Campaigns.Run("a", 8) with { Gpus = null, Share = 0.001 }).ShouldBe(
        "runs[0].share is 0.001 of 1024 GPUs, less than one server of 8. Use 0.007813 or more.");

    [Fact]
    public void Rate_AbovePeak_IsRefused() => Only(Campaigns.Run("a", 8) with { Rate = new FlopsPerSecond(2e15) }).ShouldBe(
        "runs[0].rate is 2.00 PFLOP/s, but a h100-sxm does at most 989 TFLOP/s in bf16. Use less, or leave it out to have the run planned.");

    [Fact]
    public void Goodput_OutOfRange_IsRefused() => Only(Campaigns.Run("a", 8) with { Goodput = 0 }).ShouldBe(
        "runs[0].goodput is 0, but it is a part of the time. Use a number above 0, up to 1.");

    [Fact]
    public void Goodput_WithoutRate_IsRefused() => Only(Campaigns.Run("a", 8) with { Rate = null, Goodput = 0.9 }).ShouldBe(
        "runs[0].goodput is 0.9, but it belongs to a given rate, and a planned run (a) has its own. Give rate too, or leave it out.");

    [Fact]
    public void Batch_SmallerThanASequence_IsRefused() => Only(Campaigns.Run("a", 8) with { GlobalBatchTokens = new TokenCount(4096) }).ShouldBe(
        "runs[0].global_batch_tokens is 4096, less than one sequence of seq_len 8192. Use 8192 or more.");

    [Fact]
    public void Batch_LowEndAboveHighEnd_IsRefused() =>
        Only(Campaigns.Run("a", 8) with { MinGlobalBatchTokens = new TokenCount(32_000_000) }).ShouldBe(
            "runs[0].min_global_batch_tokens is 32M, more than global_batch_tokens, 16777216. Use 16777216 or less.");

    [Fact]
    public void TeacherTokens_WithoutTeacher_AreRefused() => Only(Campaigns.Run("a", 8) with { TeacherTokens = new TokenCount(1_000_000) }).ShouldBe(
        "runs[0].teacher_tokens is 1M, but the run (a) has no teacher. Give teacher, the name of a run.");

    [Fact]
    public void After_UnknownName_IsRefused() => Only(Campaigns.Run("a", 8, "c"), Campaigns.Run("b", 8)).ShouldBe(
        "runs[0].after[0] is c, but no run has that name. Use one of b.");

    [Fact]
    public void Teacher_UnknownName_IsRefused() => Only(Campaigns.Run("a", 8) with { Teacher = "c" }, Campaigns.Run("b", 8)).ShouldBe(
        "runs[0].teacher is c, but no run has that name. Use one of b.");

    [Fact]
    public void Name_Twice_IsRefused() => Only(Campaigns.Run("a", 8), Campaigns.Run("a", 8)).ShouldBe(
        "runs[1].name is a, as an earlier run's, but runs refer to one another by name. Name each differently.");

    [Fact]
    public void After_Circle_IsRefused() => Only(Campaigns.Run("a", 8), Campaigns.Run("b", 8, "d"), Campaigns.Run("c", 8, "b"), Campaigns.Run("d", 8, "c")).ShouldBe(
        "runs[1].after goes in a circle: b needs d needs c needs b; none of them could start. Take one name out.");

    [Fact]
    public void After_RunItself_IsACircle() =>
        Only(Campaigns.Run("a", 8) with { Teacher = "a" }).ShouldBe("runs[0].after goes in a circle: a needs a; none of them could start. Take one name out.");

    [Fact]
    public void Plan_SeveralProblems_AreAllTold()
    {
        var campaign = Campaigns.Of(Campaigns.Run("a", 2048, "x"), Campaigns.Run("a", 100) with { Goodput = 2 });

        var error = Should.Throw<ConfigException>(() => new CampaignPlanner(campaign, _ => throw new InvalidOperationException("asked to plan")).Plan());

        error.Problems.Count.ShouldBe(5);
    }
}
