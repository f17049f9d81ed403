using Altiplano.Cli.Campaigns;
using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Campaign;

namespace Altiplano.Tests.Cli.Campaigns;

public sealed class CampaignFileTests : IDisposable
{
    private const string Rest = "model: llama3-8b, tokens: 1T, seq_len: 8192, global_batch_tokens: 16Mi";

    private readonly TempFolder _folder = new();
    private readonly CampaignFile _file = new(PresetFolder.Shipped());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_EveryKey_IsInTheRun()
    {
        var path = _folder.Write("two.yaml", $$"""
            cluster: h100-1024
            runs:
              - {name: a, {{Rest}}, share: 0.5, precision: fp8, rate: 390TFLOP/s, goodput: 0.9, priority: 2}
              - {name: b, {{Rest}}, gpus: 512, min_global_batch_tokens: 4Mi, after: [a], teacher: a, teacher_tokens: 10B}
            """);

        var campaign = _file.Read(path);

        campaign.Name.ShouldBe("two");
        campaign.Fleet.NumGpus.ShouldBe(1024);
        var (a, b) = (campaign.Runs[0], campaign.Runs[1]);
        (a.Share, a.Precision, a.Rate!.Value.Value, a.Goodput, a.Priority).ShouldBe((0.5, Precision.Fp8, 390e12, 0.9, 2));
        (b.Gpus, b.MinGlobalBatchTokens!.Value.Value, b.Teacher, b.TeacherTokens.Value).ShouldBe((512, 4 << 20, "a", 10_000_000_000));
        b.After.ShouldBe(["a"]);
        b.Model.Name.ShouldBe("llama3-8b");
    }

    [Theory]
    [InlineData("gpus: 2048", "3:21", "runs[0].gpus is 2048, but h100-1024 has 1024. Use 1024 or less.")]
    [InlineData("gpus: 0", "3:21", "runs[0].gpus is \"0\", but it must be a whole number, 1 or more.")]
    [InlineData("gpus: 8, after: [b]", "3:32", "runs[0].after[0] is b, but no run has that name. Leave it out: there is no other run.")]
    [InlineData("gpus: 8, after: b", "3:31", "runs[0].after is \"b\", but it must be a list, each the name of a run.")]
    [InlineData("gpus: 8, rate: 390", "3:30", "runs[0].rate is 390, which has no unit. Write 390TFLOP/s or 390PFLOP/s.")]
    [InlineData("gpus: 8, gpu: 8", "3:24", "runs[0].gpu is not a key. Did you mean gpus?")]
    [InlineData("gpus: 8, precision: fp4", "3:35", "runs[0].precision is \"fp4\", but it must be one of bf16, fp8.")]
    public void Read_OneMistake_IsNamedWithLineAndColumn(string line, string place, string problem)
    {
        var path = _folder.Write("c.yaml", $$"""
            cluster: h100-1024
            runs:
              - {name: a, {{line}}, {{Rest}}}
            """);

        Should.Throw<ConfigException>(() => _file.Read(path)).Problems.ShouldBe([$"{path}:{place}: {problem}"]);
    }

    [Fact]
    public void Read_MissingKeys_AreReportedTogether()
    {
        var path = _folder.Write("c.yaml", "runs: [{name: a}]");

        var problems = Should.Throw<ConfigException>(() => _file.Read(path)).Problems;

        problems.Count.ShouldBe(5);
        problems.ShouldContain($"{path}:1:1: cluster is missing. It is required.");
        problems.ShouldContain($"{path}:1:8: runs[0].tokens is missing. It is required.");
    }

    [Fact]
    public void Read_Folder_SaysThatItIsOne()
    {
        var problem = Should.Throw<ConfigException>(() => _file.Read(_folder.Root, "CAMPAIGN.yaml")).Message;

        problem.ShouldStartWith($"CAMPAIGN.yaml is \"{_folder.Root}\", which is a folder. Name a file in it, or a preset: ");
    }

    [Fact]
    public void Read_NeitherPresetNorFile_IsRefused() => Should.Throw<ConfigException>(() => _file.Read("llama4-famly")).Message.ShouldBe(
        "campaign is \"llama4-famly\", which is neither a preset of campaigns nor a file. Did you mean llama4-family?");

    public static TheoryData<string> Campaigns => [.. PresetFolder.Shipped().Names("campaigns")];

    [Theory]
    [MemberData(nameof(Campaigns))]
    public void Read_EveryPreset_IsReadAndHasSources(string name)
    {
        var campaign = _file.Read(name);

        campaign.Name.ShouldBe(name);
        campaign.Sources.ShouldNotBeEmpty();
    }

    /// <summary>The small models first, side by side; then the large one; then distillation from it.</summary>
    [Fact]
    public void Read_Llama4Family_GoesFromSmallToLargeAndBack()
    {
        var plan = new CampaignPlanner(_file.Read("llama4-family"), run => new PlannedRun(86400, 1000, 1200, 0.05, Evidence.Assumed, "a day")).Plan();

        plan.Runs.Select(run => run.Run.Name).ShouldBe(["scout", "maverick", "behemoth", "scout-distilled", "maverick-distilled"]);
        plan.Runs.Take(2).ShouldAllBe(run => run.Start == 0);
        plan.Runs[2].Start.ShouldBe(86400);
        plan.Runs.Skip(3).ShouldAllBe(run => run.Start == plan.Runs[2].End && run.TeacherSeconds > 0);
    }

    /// <summary>390 TFLOP/s on 32,000 GPUs and nine tenths of the time: 30T tokens of 288B parameters take 42M GPU-hours.</summary>
    [Fact]
    public void Read_Behemoth_TakesWhatItsRateSays()
    {
        var plan = new CampaignPlanner(_file.Read("llama4-family"), run => new PlannedRun(86400, 1000, 1200, 0.05, Evidence.Assumed, "a day")).Plan();

        var floor = 6 * 288e9 * 30e12 / 390e12 / 0.9 / 3600;
        (plan.Runs[2].GpuHours / floor).ShouldBeInRange(1, 1.1);
    }
}
