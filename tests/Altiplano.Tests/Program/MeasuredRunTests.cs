using System.Text.Json;
using Altiplano.Cli;
using Altiplano.Cli.Configuration;
using Altiplano.Tests.Planning.Machines;
using Altiplano.Tests.Planning.Tracing;

namespace Altiplano.Tests.Program;

/// <summary>A run that is traced, then reconciled with a machine of round numbers.</summary>
public sealed class MeasuredRunTests : IDisposable
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
    public void Train_Traced_ThenReconcile_SetsEveryTermBesideItsPrediction()
    {
        var run = new TinyRun(_folder, steps: 6);
        var machine = WriteMachine();
        run.Train("out", "--trace", _folder["trace.json"], "--trace-steps", "3..4").ExitCode.ShouldBe(ExitCodes.Done);

        var bars = TraceReader.Parse(File.ReadAllBytes(_folder["trace.json"])).Bars;
        bars.Where(bar => bar.Name.StartsWith("step ", StringComparison.Ordinal)).Select(bar => bar.Name).ShouldBe(["step 3", "step 4"]);
        bars.Count(bar => bar.Name == "forward").ShouldBe(2 * 4);

        Invoke("reconcile", _folder["out"], "--cluster", machine, "--json").ShouldBe(ExitCodes.Done, _error.ToString());
        using var answer = JsonDocument.Parse(_output.ToString());
        var root = answer.RootElement;
        root.GetProperty("steps").GetInt32().ShouldBe(6);
        root.GetProperty("measured_tensor_bytes").GetInt64().ShouldBe(root.GetProperty("predicted_tensor_bytes").GetInt64());
        var terms = root.GetProperty("terms").EnumerateArray().ToList();
        var products = terms.Single(t => t.GetProperty("name").GetString() == "mm");
        products.GetProperty("measured_flops").GetDouble().ShouldBe(products.GetProperty("predicted_flops").GetDouble());
        products.GetProperty("measured_ms").GetDouble().ShouldBeGreaterThan(0);
        var sum = terms.Sum(t => t.GetProperty("predicted_ms").GetDouble());
        sum.ShouldBe(root.GetProperty("predicted_step_ms").GetDouble(), 1e-9);

        _output.GetStringBuilder().Clear();
        Invoke("reconcile", _folder["out"], "--cluster", machine).ShouldBe(ExitCodes.Done);
        _output.ToString().ShouldContain("residual: what no term explains");
        _output.ToString().ShouldContain("watts of processors: none planned");
    }

    [Fact]
    public void Train_TwoRanks_AreTracedIntoOneFileAndReconciledTogether()
    {
        var run = new TinyRun(_folder, steps: 6);
        run.Train("out", "--in-process", "--set", "mesh.dp_shard=2", "--set", "batch.micro_batch_size=2", "--set", "run.threads=1", "--trace", _folder["trace.json"], "--trace-steps", "3")
            .ExitCode.ShouldBe(ExitCodes.Done);

        var bars = TraceReader.Parse(File.ReadAllBytes(_folder["trace.json"])).Bars;
        bars.Where(bar => bar.Name == "step 3").Select(bar => bar.Process).ShouldBe([0, 1]);
        bars.ShouldContain(bar => bar.Category == "dp" && bar.Name == "all-gather");

        Invoke("reconcile", _folder["out"], "--cluster", WriteMachine(), "--json").ShouldBe(ExitCodes.Done, _error.ToString());
        using var answer = JsonDocument.Parse(_output.ToString());
        var gathers = answer.RootElement.GetProperty("terms").EnumerateArray()
            .Single(t => t.GetProperty("name").GetString() == "all-gather over dp_shard");
        gathers.GetProperty("measured_bytes").GetDouble().ShouldBe(gathers.GetProperty("predicted_bytes").GetDouble());
    }

    [Fact]
    public void Plan_OnACalibratedMachine_ShowsTheStepByPart()
    {
        var run = new TinyRun(_folder);

        Invoke("plan", run.File, "--cluster", WriteMachine()).ShouldBe(ExitCodes.Done, _error.ToString());

        var page = _output.ToString();
        page.ShouldContain("tiny on desk: 1 rank of 2 threads in fp32, measured 2026-11-24T15:00:00Z");
        page.ShouldContain("power     not known: calibrate found no RAPL counters on this machine");
        page.ShouldContain("rms_norm");
        page.ShouldContain("not calibrated: from peak and bandwidth");
    }

    [Fact]
    public void Plan_OnACalibratedMachine_RefusesWhatHasNoMeaning()
    {
        var run = new TinyRun(_folder);

        Invoke("plan", run.File, "--cluster", WriteMachine(), "--emit", "megatron").ShouldBe(ExitCodes.Usage);
        Invoke("plan", "--model", "tiny-15m", "--cluster", WriteMachine(), "--tokens", "1M").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("--emit is megatron, but a calibrated machine has no choices to write. Leave it out.");
        _error.ToString().ShouldContain("a calibrated machine: what it takes follows from a run file. Give RUN.yaml.");
    }

    [Fact]
    public void Reconcile_FolderThatIsNoRun_SaysSo()
    {
        Invoke("reconcile", _folder.Root, "--cluster", WriteMachine()).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain($"RUN is {_folder.Root}, which has no config.yaml: it is no run folder. Give the folder that run.out of the run file names.");
    }

    [Fact]
    public void Reconcile_RunWithoutAMachineOrMeasurements_SaysWhatIsMissing()
    {
        var run = new TinyRun(_folder, steps: 6);
        run.Train("out", "--set", "run.log_every=9").ExitCode.ShouldBe(ExitCodes.Done);

        Invoke("reconcile", _folder["out"]).ShouldBe(ExitCodes.Usage);
        Invoke("reconcile", _folder["out"], "--cluster", WriteMachine()).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain("--cluster is missing, and the run file's cluster is no calibrated machine. Measure this machine with altiplano calibrate");
        _error.ToString().ShouldContain("holds no measured step: train measures every step whose number divides by run.log_every, 9 in this run.");
    }

    private string WriteMachine()
    {
        new MachineCatalog(PresetFolder.Shipped()).Write(TestMachines.Machine, _folder["desk.yaml"]);
        return _folder["desk.yaml"];
    }

    private int Invoke(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);
}
