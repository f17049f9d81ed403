using System.Text.Json;
using Altiplano.Cli;

namespace Altiplano.Tests.Cli.Verbs;

public sealed class DryRunVerbTests : IDisposable
{
    private const string Run = """
        model: { vocab_size: 67, hidden_size: 36, intermediate_size: 48, num_hidden_layers: 3, num_attention_heads: 8, num_key_value_heads: 4, head_dim: 6 }
        cluster: h100-8
        mesh: { pp: 2, dp_replicate: 1, dp_shard: 2, cp: 1, tp: 2, ep: 1 }
        parallel: { zero: 3, pp_schedule: 1f1b, virtual_stages: 1, cp_method: all_gather, sequence_parallel: true, recompute: none }
        batch: { global_batch_tokens: 128, micro_batch_size: 2, seq_len: 16 }
        run: { steps: 10, precision: bf16 }
        """;

    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly string _file;

    public DryRunVerbTests()
    {
        _file = _folder["run.yaml"];
        File.WriteAllText(_file, Run);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void Run_Rank_PrintsWhatItDoes()
    {
        Call("dryrun", _file, "--rank", "5", "--step", "3").ShouldBe(ExitCodes.Done, _error.ToString());

        var page = _output.ToString();
        page.ShouldStartWith("inline, rank 5 (pp 1, dp_shard 0, tp 1) of 8: its step traced on shapes, nothing measured");
        foreach (var part in new[]
        {
            "world 8 = pp 2 x dp_replicate 1 x dp_shard 2 x cp 1 x tp 2; batch 8 x 16 tokens", "layers.2 ", "Step 4 reads samples 24 to 27 in 2 microbatches of 2.",
            "dp_shard (2)", "reduce-scatter", "gathered weights", "The peak is in action B", "F0 B0 F1 B1", "are the traced ones.",
        })
        {
            page.ShouldContain(part);
        }
    }

    [Fact]
    public void Run_Json_HasEveryPart()
    {
        Call("dryrun", _file, "--rank", "7", "--json").ShouldBe(ExitCodes.Done, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        var root = json.RootElement;
        root.GetProperty("ranks").GetInt32().ShouldBe(8);
        root.GetProperty("start").GetProperty("groups").EnumerateArray().Select(group => $"{group.GetProperty("axis").GetString()} {group.GetProperty("first").GetInt32()} {group.GetProperty("stride").GetInt32()}")
            .ShouldBe(["tp 6 1", "dp_shard 5 2", "pp 3 4", "pp_backward 3 4", "pp_ends 3 4"]);
        root.GetProperty("microbatches").EnumerateArray().Select(samples => samples.GetProperty("first_sample").GetInt64()).ShouldBe([4, 6]);
        var traffic = root.GetProperty("traffic").EnumerateArray().Sum(line => line.GetProperty("bytes").GetInt64());
        root.GetProperty("collectives").EnumerateArray().Sum(one => one.GetProperty("bytes").GetInt64()).ShouldBe(traffic);
        root.GetProperty("operators").EnumerateArray().Sum(op => op.GetProperty("flops").GetDouble()).ShouldBe(root.GetProperty("flops").GetDouble());
        var memory = root.GetProperty("memory");
        memory.GetProperty("at_peak_bytes").EnumerateObject().Sum(part => part.Value.GetInt64()).ShouldBe(memory.GetProperty("peak_bytes").GetInt64());
        root.GetProperty("closed_form").EnumerateArray().ShouldAllBe(figure => figure.GetProperty("planned").GetDouble() == figure.GetProperty("traced").GetDouble());
    }

    [Fact]
    public void Run_Check_ProvesThatTheStepEnds()
    {
        Call("dryrun", _file, "--check").ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldContain("the step ends on all ranks.");
    }

    [Fact]
    public void Run_CheckWithAFault_FailsAndNamesTheRank()
    {
        Call("dryrun", _file, "--check", "--plant", "6:drop:4", "--json").ShouldBe(ExitCodes.Failed, _error.ToString());

        using var json = JsonDocument.Parse(_output.ToString());
        json.RootElement.GetProperty("ends_on_all_ranks").GetBoolean().ShouldBeFalse();
        json.RootElement.GetProperty("problems")[0].GetString()!.ShouldContain("on rank 6 (pp 1, dp_shard 1, tp 0)");
        json.RootElement.GetProperty("classes").EnumerateArray().Count(one => one.GetProperty("has_planted_fault").GetBoolean()).ShouldBe(1);
    }

    /// <summary>A dry run of a run file that leaves the mesh open is of the plan's best layout.</summary>
    [Fact]
    public void Run_OpenMesh_TakesThePlan()
    {
        Call("dryrun", "--model", "llama3-8b", "--cluster", "h100-8", "--tokens", "100M", "--global-batch-tokens", "512Ki", "--threads", "1")
            .ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldContain("What the run file leaves open is as the plan's best layout has it.");
        _output.ToString().ShouldContain("of 79.6GiB: ");
    }

    [Fact]
    public void Run_WithoutMachines_IsOfOneProcess()
    {
        var alone = _folder["alone.yaml"];
        File.WriteAllText(alone, "model: tiny-15m\nbatch: { global_batch_tokens: 4096, seq_len: 512 }\nrun: { steps: 10 }\n");

        Call("dryrun", alone).ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldStartWith("tiny-15m, rank 0 of 1: ");
    }

    [Fact]
    public void Run_RankOutOfRange_SaysHowManyThereAre() => Fails(
        "--rank is 8, but the run has 8 ranks (world 8 = pp 2 x dp_replicate 1 x dp_shard 2 x cp 1 x tp 2). Use 0 to 7.", "--rank", "8");

    [Fact]
    public void Run_RankBelowZero_IsRefused() => Fails("--rank is -1, but it is a rank. Use 0 or more.", "--rank", "-1");

    [Fact]
    public void Run_LayoutThatDoesNotExist_IsRefused() => Fails(
        "mesh.tp is 3, but the 8 query heads must divide by it: each rank needs whole heads.", "--set", "mesh.tp=3", "--set", "mesh.dp_shard=1");

    [Fact]
    public void Run_PlantWithoutCheck_IsRefused() => Fails("--plant breaks a rank for --check to find. Add --check.", "--plant", "3:drop:1");

    private void Fails(string message, params string[] options)
    {
        Call(["dryrun", _file, .. options]).ShouldBe(ExitCodes.Usage);
        _error.ToString().ShouldContain(message);
    }

    private int Call(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);
}
