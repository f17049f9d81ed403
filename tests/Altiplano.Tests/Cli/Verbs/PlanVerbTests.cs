using System.Text.Json;
using Altiplano.Cli;
using Altiplano.Cli.Configuration;

namespace Altiplano.Tests.Cli.Verbs;

public sealed class PlanVerbTests : IDisposable
{
    private static readonly string[] Small =
        ["plan", "--model", "llama3-8b", "--cluster", "h100-8", "--tokens", "100M", "--global-batch-tokens", "512Ki", "--threads", "1"];

    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Run_Options_PrintsThePage()
    {
        Run(Small).ShouldBe(ExitCodes.Done, _error.ToString());

        var page = _output.ToString();
        page.ShouldStartWith("llama3-8b on 8 of 8 ");
        foreach (var part in new[] { "80 % interval", "MFU of 989 TFLOP/s, causal half", "memory of a rank", "time of a step", "Links: NVLink ", "best of each mesh", "Failures: ", "Searched ", "Published law " })
            page.ShouldContain(part);
    }

    [Fact]
    public void Run_Json_HasEveryPart()
    {
        Run([.. Small, "--json", "--top", "3"]).ShouldBe(ExitCodes.Done, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        var phase = json.RootElement.GetProperty("phases")[0];
        phase.GetProperty("layouts").GetArrayLength().ShouldBe(3);
        var figure = phase.GetProperty("figures").GetProperty("step_s");
        figure.GetProperty("low").GetDouble().ShouldBeLessThan(figure.GetProperty("value").GetDouble());
        figure.GetProperty("evidence").GetString().ShouldBe("interpolated");
        var best = phase.GetProperty("layouts")[0];
        var parts = best.GetProperty("step_parts_s").EnumerateObject().Sum(p => p.Value.GetDouble());
        parts.ShouldBe(best.GetProperty("step_s").GetDouble(), 1e-9);
        phase.GetProperty("recovery").GetProperty("checkpoint_interval_s").GetDouble().ShouldBeGreaterThan(0);
        var searched = phase.GetProperty("searched");
        new[] { "evaluated", "illegal", "skipped_by_time_bound", "skipped_by_memory_bound" }.Sum(name => searched.GetProperty(name).GetInt64())
            .ShouldBe(searched.GetProperty("raw").GetInt64());
        phase.GetProperty("memory_by_stage").GetArrayLength().ShouldBe(best.GetProperty("pp").GetInt32());
    }

    [Fact]
    public void Run_Write_WritesARunFileThatPlansTheSame()
    {
        var file = _folder["planned.yaml"];
        Run([.. Small, "--json", "--write", file]).ShouldBe(ExitCodes.Done, _error.ToString());
        var first = Layout(_output.ToString());
        _output.GetStringBuilder().Clear();

        Run("config", "show", "--plan", file).ShouldBe(ExitCodes.Done, _error.ToString());
        _output.ToString().ShouldNotContain("zero: auto");
        _output.ToString().ShouldNotContain("micro_batch_size: auto");
        _output.GetStringBuilder().Clear();
        Run("plan", file, "--json").ShouldBe(ExitCodes.Done, _error.ToString());

        Layout(_output.ToString()).ShouldBe(first);
    }

    [Fact]
    public void Run_RunFileWithFixedKeys_KeepsThem()
    {
        var file = _folder.Write("run.yaml", """
            model: llama3-8b
            cluster: h100-8
            mesh: { pp: 1, dp_replicate: 1, dp_shard: auto, cp: 1, tp: 2, ep: 1 }
            parallel: { zero: 3, recompute: full }
            batch: { global_batch_tokens: 512Ki, seq_len: 8192 }
            run: { tokens: 100M, precision: bf16 }
            """);

        Run("plan", file, "--json", "--set", "batch.micro_batch_size=1").ShouldBe(ExitCodes.Done, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        var best = json.RootElement.GetProperty("phases")[0].GetProperty("layouts")[0];
        (best.GetProperty("tp").GetInt32(), best.GetProperty("dp_shard").GetInt32(), best.GetProperty("zero").GetInt32()).ShouldBe((2, 4, 3));
        best.GetProperty("recompute").GetString().ShouldBe("full");
        best.GetProperty("micro_batch_size").GetInt32().ShouldBe(1);
    }

    [Theory]
    [InlineData("megatron", "--tensor-model-parallel-size ", "--num-layers 32")]
    [InlineData("torchtitan", "tensor_parallel_degree = ", "flavor = \"8B\"")]
    public void Run_Emit_PrintsTheirNames(string stack, string degree, string model)
    {
        Run([.. Small, "--emit", stack]).ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldContain(degree);
        _output.ToString().ShouldContain(model);
    }

    [Fact]
    public void Run_NothingGiven_AsksForAllThatIsMissing()
    {
        Run("plan").ShouldBe(ExitCodes.Usage);

        foreach (var option in new[] { "--model", "--cluster", "--tokens" })
            _error.ToString().ShouldContain($"error: {option} is missing. Give a RUN.yaml, or --model, --cluster and --tokens.\n");
        _error.ToString().ShouldEndWith("3 problems; nothing was started.\n");
    }

    [Theory]
    [InlineData("--model", "llama3-8c", "--model is \"llama3-8c\", which is neither a preset nor a folder with a config.json. Did you mean llama3-8b?")]
    [InlineData("--cluster", "h100-9", "--cluster is \"h100-9\", which is neither a preset nor a file. Did you mean h100-8?")]
    [InlineData("--tokens", "many", "--tokens is \"many\", but it must be a number of tokens such as 65536, 300B or 15.6T.")]
    [InlineData("--global-batch-tokens", "4M..", "--global-batch-tokens is \"4M..\", but it must be a number of tokens such as 4Mi, or a range such as 15M..17M.")]
    [InlineData("--global-batch-tokens", "100..200", "--global-batch-tokens is 100..200, but a step is made of whole sequences of 8192 tokens. Use 8192 or 16384.")]
    [InlineData("--max-mw", "0", "--max-mw is \"0\", but it must be a power above 0, such as 150, 150MW or 800kW.")]
    [InlineData("--max-mw", "NaN", "--max-mw is \"NaN\", but it must be a power above 0, such as 150, 150MW or 800kW.")]
    [InlineData("--global-batch-tokens", "9e17", "--global-batch-tokens is 9e17, but it counts the tokens of one step. Use 10B or fewer; published runs use up to 64M.")]
    [InlineData("--global-batch-tokens", "1..9e15", "--global-batch-tokens is 1..9e15, but it counts the tokens of one step. Use 10B or fewer; published runs use up to 64M.")]
    [InlineData("--global-batch-tokens", "17M..15M", "--global-batch-tokens is 17M..15M, but a range begins with its smaller end. Use 15M..17M.")]
    [InlineData("--global-batch-tokens", "1M..9B", "--global-batch-tokens is 1M..9B, which holds 1,098,510 numbers of sequences of 8,192 tokens, but 4,096 are searched at most. Use a narrower range, such as ")]
    [InlineData("--tokens", "1", "--tokens is 1, but one step alone has 524288. Use 524288 or more, or a smaller --global-batch-tokens.")]
    [InlineData("--tokens", "9e18", "--tokens is 9e18, more text than there is. Use 30000T or fewer.")]
    [InlineData("--objective", "tim", "error: --objective is \"tim\", but it is one of time, cost, energy. Did you mean time?")]
    [InlineData("--precision", "fp9", "error: --precision is \"fp9\", but it is one of bf16, fp8. Did you mean fp8?")]
    [InlineData("--emit", "nemo", "error: --emit is \"nemo\", but it is one of megatron, torchtitan. Use megatron.")]
    [InlineData("--top", "0", "error: --top is 0, but it counts layouts. Use 1 or more.")]
    [InlineData("--top", "many", "error: --top is \"many\", but it must be a whole number up to 2147483647.")]
    [InlineData("--seq-len", "0", "error: --seq-len is 0, but it counts tokens. Use 1 or more.")]
    [InlineData("--cluter", "h100-8", "error: --cluter is no option of plan. Did you mean --cluster?")]
    [InlineData("--set", "mesh.tpp=2", "error: --set mesh.tpp=2: ")]
    [InlineData("--max-cost", "5", "--max-cost is \"5\", but it must be an amount of money above 0 with its unit, such as 250k$ or 80M$.")]
    [InlineData("--deadline", "5", "--deadline is \"5\", but it must be a time above 0 with its unit, such as 36h or 54d.")]
    [InlineData("--gpus", "16", "--gpus is 16, but the cluster h100-8 has 8 GPUs. Use 8 or fewer, or a larger --cluster.")]
    [InlineData("--gpus", "0", "--gpus is \"0\", but it counts GPUs. Use a whole number from 1 to 8, or auto.")]
    [InlineData("--recovery", "peer-restrat", "--recovery is \"peer-restrat\", which is neither a preset nor a file. Did you mean peer-restart?")]
    public void Run_WrongOption_SaysWhatToWrite(string option, string value, string message)
    {
        var given = Small.ToList();
        var index = given.IndexOf(option);
        if (index < 0)
            given.AddRange([option, value]);
        else
            given[index + 1] = value;

        Run([.. given]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain(message);
    }

    [Fact]
    public void Run_RunFileWithoutLength_AsksForIt()
    {
        var file = _folder.Write("run.yaml", "{model: llama3-8b, cluster: h100-8, batch: {global_batch_tokens: 512Ki, seq_len: 8192}}");

        Run("plan", file).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("run.tokens is missing, so nothing says how long the run is. Give --tokens, or run.tokens or run.steps in the file.");
    }

    [Fact]
    public void Run_ModelThatFitsNowhere_IsAUsageError()
    {
        Run("plan", "--model", "llama3.1-405b", "--cluster", "h100-8", "--tokens", "1B", "--global-batch-tokens", "64Ki").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("error: llama3.1-405b fits nowhere on 8 ");
    }

    [Fact]
    public void Run_Html_WritesThePageBesideTheAnswer()
    {
        var file = _folder["plan.html"];

        Run([.. Small, "--html", file]).ShouldBe(ExitCodes.Done, _error.ToString());

        var page = File.ReadAllText(file);
        page.ShouldStartWith("<!doctype html>");
        page.ShouldContain("<h1>llama3-8b on 8 h100-sxm</h1>");
        page.ShouldContain("NVIDIA DGX H100 User Guide");
        _output.ToString().ShouldContain("if this is other");
    }

    [Fact]
    public void Run_Json_HasTheSensitivity()
    {
        Run([.. Small, "--json"]).ShouldBe(ExitCodes.Done, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        var slower = json.RootElement.GetProperty("sensitivity").EnumerateArray()
            .Single(s => s.GetProperty("figure").GetString() == "matrix efficiency" && s.GetProperty("factor").GetDouble() < 1);
        slower.GetProperty("change").GetProperty("days").GetDouble().ShouldBeInRange(0.05, 0.25);
    }

    [Fact]
    public void Run_GivenLayoutThatDoesNotFit_PrintsWhatItTakesAndFails()
    {
        var file = _folder.Write("run.yaml", """
            model: llama3-8b
            cluster: h100-8
            mesh: { pp: 1, dp_replicate: 8, dp_shard: 1, cp: 1, tp: 1, ep: 1 }
            parallel: { zero: 0, recompute: none }
            batch: { global_batch_tokens: 512Ki, seq_len: 8192, micro_batch_size: 1 }
            run: { tokens: 100M, precision: bf16 }
            """);

        Run("plan", file).ShouldBe(ExitCodes.Usage);

        _output.ToString().ShouldContain("Warning: this layout cannot run.");
        _output.ToString().ShouldContain("optimizer state");
        _error.ToString().ShouldMatch("^error: This layout \\(.*\\) needs [0-9.]+ GiB of the [0-9.]+ GiB of the GPU. Largest part: ");
    }

    [Fact]
    public void Run_SetWithoutRunFile_FixesTheChoice()
    {
        Run([.. Small, "--json", "--set", "mesh.tp=8", "--set", "parallel.recompute=full"]).ShouldBe(ExitCodes.Done, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        var best = json.RootElement.GetProperty("phases")[0].GetProperty("layouts")[0];
        best.GetProperty("tp").GetInt32().ShouldBe(8);
        best.GetProperty("recompute").GetString().ShouldBe("full");
    }

    [Fact]
    public void Run_PowerWithItsUnit_IsTheSameAsMegawatts()
    {
        Run([.. Small, "--json", "--max-mw", "15kW"]).ShouldBe(ExitCodes.Done, _error.ToString());
        var withUnit = _output.ToString();
        _output.GetStringBuilder().Clear();
        Run([.. Small, "--json", "--max-mw", "0.015"]).ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldBe(withUnit);
    }

    [Fact]
    public void Run_GpusBesideAnotherMesh_SaysSo()
    {
        string[] mesh = ["tp=8", "pp=1", "cp=1", "ep=1", "dp_shard=1", "dp_replicate=1"];

        Run([.. Small, "--gpus", "4", .. mesh.SelectMany(degree => new[] { "--set", $"mesh.{degree}" })]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe("error: --gpus is 4, but the mesh has 8 ranks. Leave --gpus out, or a degree of the mesh to auto.\n");
    }

    [Fact]
    public void Run_Fp8WhereTheGpuHasNone_IsRefused()
    {
        Run("plan", "--model", "llama3-8b", "--cluster", "jean-zay-a100", "--tokens", "1B", "--precision", "fp8").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldMatch("^error: --precision is fp8, but the GPU .* multiplies no fp8. Use bf16, or a cluster whose GPU has a peak_fp8, such as H100.");
    }

    [Fact]
    public void Run_RunFileInFp32_SaysThatItIsPlannedInBf16()
    {
        var file = _folder.Write("run.yaml", "{model: llama3-8b, cluster: h100-8, batch: {global_batch_tokens: 512Ki, seq_len: 8192}, run: {tokens: 100M, precision: fp32}}");

        Run("plan", file, "--threads", "1").ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldContain("Plans in bf16: no cluster is planned in fp32");
    }

    [Theory]
    [InlineData("--write")]
    [InlineData("--html")]
    public void Run_FileThatCannotBeWritten_IsToldFirst(string option)
    {
        var file = _folder["nowhere/plan"];

        Run([.. Small, option, file]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith($"error: {option} is {file}, but there is no folder ");
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_TwoFilesThatCannotBeWritten_AreBothTold()
    {
        Run([.. Small, "--write", _folder["nowhere/run"], "--html", _folder["nowhere/page"]]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("error: --write is ");
        _error.ToString().ShouldContain("error: --html is ");
    }

    [Fact]
    public void Run_WriteOfPhasesWithLayoutsOfTheirOwn_KeepsThemAsComments()
    {
        var (run, written) = (_folder.Write("run.yaml", """
            model: llama3-8b
            cluster: h100-8
            mesh: { pp: 1, dp_replicate: 1, dp_shard: auto, cp: auto, tp: 1, ep: 1 }
            batch: { global_batch_tokens: 512Ki, seq_len: 8192 }
            phases:
              - { until_tokens: 10M, global_batch_tokens: 64Ki, seq_len: 4096 }
            run: { tokens: 100M, precision: bf16 }
            """), _folder["written.yaml"]);

        Run("plan", run, "--replan-phases", "--threads", "1", "--json", "--write", written).ShouldBe(ExitCodes.Done, _error.ToString());

        var lines = File.ReadAllLines(written);
        lines[0].ShouldBe("# A run file has one layout: this one has that of the phase rest. Planned for each phase:");
        lines[1].ShouldMatch(@"^#   until 10M: tp 1, .*, batch 16 x 4,096 tokens$");
        lines[2].ShouldMatch(@"^#   rest: tp 1, .*, batch 64 x 8,192 tokens$");
        _error.ToString().ShouldBe($"{written} has the layout of the phase rest for the whole run; those planned for other phases are comments in it.\n");
        new RunFile(PresetFolder.Shipped()).ReadPlanned(written, []).Spec.Mesh.Tp.Given.ShouldBe(1);
    }

    [Fact]
    public void Run_EmitMegatron_ChoosesNoScheduleWithoutAFlag()
    {
        Run([.. Small, "--set", "mesh.pp=2", "--emit", "megatron"]).ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldNotContain("has no flag: this runs 1f1b");
    }

    [Fact]
    public void Run_ShortSequences_AreSearchedInAFewSizes()
    {
        Run("plan", "--model", "llama3-8b", "--cluster", "h100-8", "--tokens", "1T", "--seq-len", "7", "--json").ShouldBe(ExitCodes.Done, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        json.RootElement.GetProperty("phases")[0].GetProperty("searched").GetProperty("raw").GetInt64().ShouldBeLessThan(1_000_000_000);
    }

    private int Run(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);

    private static string Layout(string json)
    {
        using var document = JsonDocument.Parse(json);
        var best = document.RootElement.GetProperty("phases")[0].GetProperty("layouts")[0];
        return string.Join(' ', best.EnumerateObject().TakeWhile(p => p.Name != "step_s").Select(p => $"{p.Name} {p.Value}"));
    }
}
