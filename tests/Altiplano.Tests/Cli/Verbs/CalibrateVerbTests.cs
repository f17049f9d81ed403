using Altiplano.Cli;
using Altiplano.Cli.Configuration;
using Altiplano.Tests.Planning.Machines;

namespace Altiplano.Tests.Cli.Verbs;

public sealed class CalibrateVerbTests : IDisposable
{
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
    public void Run_OwnRuns_PrintsErrorsAndWritesAStackThatReadsBack()
    {
        var stack = _folder["mine.yaml"];
        var from = _folder.Write("runs.json", $"[{Case("h100-80gb-sxm", "bf16", 8, "3.1")},{Case("h100-80gb-sxm", "bf16", 16, "1.6")}]");

        Invoke("calibrate", "--from", from, "--out", stack).ShouldBe(ExitCodes.Done, _error.ToString());

        _output.ToString().ShouldContain("before: mean");
        _output.ToString().ShouldContain("matrix_efficiency");
        var written = new StackCatalog(PresetFolder.Shipped()).Stacks.Read(stack, "--stack");
        written.Gpus.ShouldBe(["h100-sxm"]);
        written.Sources.ShouldBe(["ours: 2 runs"]);
        written.Version.ShouldBe(1);
    }

    [Fact]
    public void Run_RunsOfTwoStacks_ListsThem()
    {
        var from = _folder.Write("runs.json", $"[{Case("h100-80gb-sxm", "bf16", 8, "3.1")},{Case("h100-80gb-sxm", "fp8", 8, "2.1")}]");

        Invoke("calibrate", "--from", from, "--out", "x.yaml").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain(
            "--from holds runs of several stacks: h100-sxm infiniband bf16 (1 run); h100-sxm infiniband fp8 (1 run). " +
            "Choose one with --gpu, --fabric and --precision.");
    }

    [Fact]
    public void Run_NothingMeasured_SaysWhatIsNeeded()
    {
        var from = _folder.Write("runs.json", """[{"id": "x", "gpu": "H100"}]""");

        Invoke("calibrate", "--from", from, "--out", "x.yaml").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("holds no run with a measured step time that can be computed. Give measured.step_s");
    }

    [Theory]
    [InlineData("--gpu is given, but it is for runs that --from names. Add --from FILE, or leave it out.", "--gpu", "H100")]
    [InlineData("--ranks is given, but with --mpi ranks are the processes that were started. Leave one of them out.", "--mpi", "--ranks", "2")]
    public void Run_OptionsThatDoNotGoTogether_AreRefused(string message, params string[] options)
    {
        Invoke(["calibrate", "--out", _folder["x.yaml"], .. options]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe($"error: {message}\n");
    }

    [Fact]
    public void Run_FileThatIsNotThere_SaysSo()
    {
        Invoke("calibrate", "--from", "nowhere.json", "--out", "x.yaml").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("--from is \"nowhere.json\", which cannot be read.");
    }

    [Fact]
    public void Run_MachineInAFormatThatOnlyPlansHave_SaysWhich()
    {
        Invoke("calibrate", "--precision", "fp8", "--out", "x.yaml").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("--precision is fp8, but a machine is measured in fp32, fp64 or bf16. Use one of them.");
    }

    [Fact]
    public void Run_ThreadsOfRanksInOneProcess_AreOne()
    {
        Invoke("calibrate", "--ranks", "2", "--threads", "2", "--out", "x.yaml").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain(
            "--threads is 2, but ranks that are threads of one process have 1 thread each. Use --threads 1, or mpirun with --mpi.");
    }

    [Fact]
    public void Run_FileOfAnotherMachine_IsNotOverwritten()
    {
        new MachineCatalog(PresetFolder.Shipped()).Write(TestMachines.Machine, _folder["desk.yaml"]);

        Invoke("calibrate", "--out", _folder["desk.yaml"]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain($"--out is {_folder["desk.yaml"]}, which describes another machine: its cpu is Test CPU, this is ");
    }

    private static string Case(string gpu, string precision, int gpus, string seconds) => $$"""
        {"id": "{{gpu}}-{{gpus}}-{{precision}}", "source": "ours", "gpu": "{{gpu}}", "gpus": {{gpus}}, "seq": 4096, "global_batch_seqs": 64,
         "micro_batch": 1, "tp": 1, "pp": 1, "dp": {{gpus}}, "zero": 1, "recompute": "none", "precision": "{{precision}}",
         "model": {"layers": 32, "hidden": 4096, "heads": 32, "kv_heads": 8, "ffn": 14336, "vocab": 128256, "gated_mlp": true, "tied": false},
         "measured": {"step_s": {{seconds}} } }
        """;

    private int Invoke(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);
}
