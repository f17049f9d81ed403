using System.Text.Json;

namespace Altiplano.Tests.Program;

/// <summary>Dry runs of the largest jobs, as their users start them.</summary>
public sealed class DryRunTests : IDisposable
{
    /// <summary>128 MiB, in hexadecimal as .NET reads it: with the runtime itself the process stays under 200 MiB.</summary>
    private const string HeapLimit = "0x8000000";

    private static readonly string[] Llama = ["dryrun", "--model", "llama3.1-405b", "--cluster", "meta-24k-h100-roce", "--gpus", "16384", "--tokens", "15.6T"];

    private static readonly string[] Behemoth =
    [
        "dryrun", "--model", "llama4-behemoth", "--cluster", "h100-100k", "--tokens", "30T", "--seq-len", "8192", "--global-batch-tokens", "205520896",
        "--set", "mesh.pp=16", "--set", "mesh.dp_replicate=7", "--set", "mesh.dp_shard=112", "--set", "mesh.cp=1", "--set", "mesh.tp=8", "--set", "mesh.ep=16",
        "--set", "batch.micro_batch_size=1", "--set", "parallel.zero=1", "--set", "parallel.virtual_stages=1", "--set", "parallel.pp_schedule=1f1b",
        "--set", "parallel.recompute=full", "--set", "parallel.sequence_parallel=true", "--set", "parallel.cp_method=all_gather",
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_OneRankOf16384_LoadsNoLibtorchAndStaysSmall() => RequireLight([.. Llama, "--rank", "8317"]);

    [Fact]
    public void Run_OneRankOfAMixtureOn100352_LoadsNoLibtorchAndStaysSmall() => RequireLight([.. Behemoth, "--rank", "83117"]);

    [Fact]
    public void Run_CheckOf100352Ranks_FindsTheOneThatIsBroken()
    {
        var sound = AltiplanoProgram.Run([.. Behemoth, "--check", "--json"]).ShouldExitWith(0);
        var broken = AltiplanoProgram.Run([.. Behemoth, "--check", "--plant", "83117:drop:40", "--json"]).ShouldExitWith(1);

        Problems(sound).ShouldBeEmpty();
        Problems(broken).ShouldAllBe(problem => problem.Contains("rank 83117 (pp 13, dp_replicate 1, dp_shard 85, tp 5)", StringComparison.Ordinal));
    }

    private static List<string> Problems(ProgramResult result)
    {
        using var json = JsonDocument.Parse(result.Output);
        return [.. json.RootElement.GetProperty("problems").EnumerateArray().Select(problem => problem.GetString()!)];
    }

    /// <summary>The loader itself lists every library that the process maps.</summary>
    private void RequireLight(string[] arguments)
    {
        var log = _folder["loader"];
        var environment = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = HeapLimit, ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = log };

        AltiplanoProgram.RunIn(environment, arguments).ShouldExitWith(0).Output.ShouldContain("its step traced on shapes");

        var loaded = string.Concat(Directory.GetFiles(Path.GetDirectoryName(log)!, "loader*").Select(File.ReadAllText));
        loaded.ShouldContain("libcoreclr.so");
        loaded.ShouldNotContain("libtorch");
    }
}
