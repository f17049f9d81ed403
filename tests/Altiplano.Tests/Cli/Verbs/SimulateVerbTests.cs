using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using Altiplano.Cli;

namespace Altiplano.Tests.Cli.Verbs;

public sealed class SimulateVerbTests : IDisposable
{
    private static readonly string[] Run =
        ["simulate", "--step-s", "5", "--days", "20", "--gpus", "16384", "--rates", "llama3-2024", "--seeds", "20"];

    private static readonly string[] Planned =
        ["simulate", "--model", "llama3-8b", "--cluster", "h100-8", "--tokens", "1B", "--global-batch-tokens", "1Mi"];

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
    public void Run_ForPeople_ShowsFiguresLossesAndWhatBinds()
    {
        Invoke(Run).ShouldBe(ExitCodes.Done);

        var text = _output.ToString();
        text.ShouldStartWith("16,384 GPUs in 2,048 servers and 23 spares, step 5.00s, checkpoint every 4.13min");
        text.ShouldContain("rates llama3-2024 (measured): a failure every 3.09h; policy llama3-2024; 20 runs (simulated)");
        foreach (var row in new[] { "effective training time, %", "waiting for spares, h", "  silent corruption", "mean power of servers, MW", "lost work" })
            text.ShouldContain(row);
        text.ShouldContain("most is lost to recovery");
        text.ShouldNotContain("\e[");
    }

    [Fact]
    public void Run_AutoPolicy_RanksThePresets()
    {
        Invoke([.. Run, "--policy", "auto", "--replicas", "16"]).ShouldBe(ExitCodes.Done);

        var text = _output.ToString();
        foreach (var policy in new[] { "policies compared", "disk-restart", "ft-hsdp", "memory-restart", "peer-restart" })
            text.ShouldContain(policy);
    }

    [Fact]
    public void Run_AsJson_IsTheSameForAnyNumberOfThreads()
    {
        Invoke([.. Run, "--json", "--threads", "1"]).ShouldBe(ExitCodes.Done);
        var one = _output.ToString();
        _output.GetStringBuilder().Clear();
        Invoke([.. Run, "--json", "--threads", "4"]).ShouldBe(ExitCodes.Done);

        _output.ToString().ShouldBe(one);
        var answer = JsonDocument.Parse(one).RootElement;
        answer.GetProperty("effective_time").GetProperty("p50").GetDouble().ShouldBeInRange(0.88, 0.95);
        answer.GetProperty("failures_by_component").GetProperty("hbm").GetProperty("mean").GetDouble().ShouldBeInRange(20, 33);
        answer.GetProperty("closed_form").GetProperty("training").GetDouble().ShouldBeInRange(0.9, 0.95);
        answer.GetProperty("interval_s").GetDouble().ShouldBe(248, 1);
    }

    [Fact]
    public void Run_Files_TellTheFirstRun()
    {
        var (power, events) = (_folder["power.csv"], _folder["events.jsonl"]);

        Invoke([.. Run, "--power-trace", power, "--events", events, "--watts", "compute=800,communication_share=0.5,communication=400"]).ShouldBe(ExitCodes.Done);

        var rows = File.ReadAllLines(power);
        rows[0].ShouldBe("start_s,length_s,state,server_mw");
        // 16,384 GPUs at 600 W and 23 spare servers of 8 at 250 W.
        rows[1].ShouldEndWith(",training,9.8764");
        rows.Skip(1).Sum(row => double.Parse(row.Split(',')[1], CultureInfo.InvariantCulture)).ShouldBe(20 * 86_400, 10);
        var story = File.ReadAllLines(events).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        story.Count(e => e.GetProperty("event").GetString() == "failure").ShouldBeInRange(100, 220);
        story[^1].GetProperty("event").GetString().ShouldBe("end");
        story[^1].GetProperty("time_s").GetDouble().ShouldBe(20 * 86_400);
    }

    [Fact]
    public void Run_Steps_AreDone()
    {
        Invoke("simulate", "--step-s", "5", "--steps", "10000", "--gpus", "16384", "--rates", "rsc-1", "--seeds", "3", "--json").ShouldBe(ExitCodes.Done);

        JsonDocument.Parse(_output.ToString()).RootElement.GetProperty("steps").GetProperty("p10").GetDouble().ShouldBe(10_000);
    }

    [Fact]
    public void Run_ManyMistakes_ListsAll()
    {
        Invoke(
            "simulate", "--step-s", "0", "--gpus", "100001", "--rates", "rsc1", "--interval", "5", "--spares", "-3", "--replicas", "0",
            "--watts", "compute=-1,idel=3,restart=x").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe(
            """
            error: --rates is "rsc1", which is neither a preset nor a file. Did you mean rsc-1?
            error: --interval is 5, which has no unit. Write 5s or 5min, or auto.
            error: --spares is "-3", but it counts servers. Use a whole number, 0 or more, or auto.
            error: --watts has "idel", which is no state. Did you mean idle?
            error: --watts has restart="x", but a level is a number of watts. Write restart=500.
            error: --watts.compute is -1 W, but a GPU cannot draw less than nothing. The least is 0 W.
            error: --gpus is 100001, but a run takes whole servers of 8 GPUs. Use 100000 or 100008.
            error: --step-s is 0 s, but a step takes time. Use a number above 0.
            error: --replicas is 0, but a run has 1 replica or more.
            error: The length of the run is given nowhere. Give --steps or --days.
            10 problems; nothing was started.

            """);
    }

    [Theory]
    [InlineData("error: --gpus is 4, but a run takes whole servers of 8 GPUs. Use 8 or more.", "--gpus", "4")]
    [InlineData("error: --interval is \"soon\", but it must be a time with its unit such as 90s, 10min or 1.8h, or auto.", "--interval", "soon")]
    [InlineData("error: --interval is 1s, but a checkpoint comes after a whole step of 5s and after the one before it is written, which takes 0s. Use 5s or more.", "--interval", "1s")]
    [InlineData("error: --gpus is \"80000000000\", but it counts GPUs. Use a whole number up to 2147483647.", "--gpus", "80000000000")]
    [InlineData("error: --seeds is \"80000000000\", but it must be a whole number up to 2147483647.", "--seeds", "80000000000")]
    [InlineData("error: --replicas is 7, but the 16384 GPUs must divide into so many. Use 4 or 8.", "--replicas", "7")]
    [InlineData("error: --replicas is 99999, but the 16384 GPUs must divide into so many. Use 16384.", "--replicas", "99999")]
    [InlineData("error: --recovery is \"ft-hdsp\", which is neither a preset nor a file. Did you mean ft-hsdp?", "--recovery", "ft-hdsp")]
    [InlineData(
        "error: --seeds is 20, and so many runs of 1E+09 days with a failure every 3.09h have 1.55E+11 failures. At most 100,000,000 are played: " +
        "use runs of 6.44E+05 days or less.", "--days", "1e9")]
    [InlineData("error: The length of the run is given twice. Give --steps or --days.", "--steps", "5")]
    [InlineData("error: --rates is disk-restart, which says what is done on a failure, but not how often one comes. Name it with --recovery.", "--rates", "disk-restart")]
    [InlineData("error: --replicas is 1, but the policy goes on without the replica that fails, and then none is left. Use 2 or more.", "--policy", "ft-hsdp")]
    public void Run_OneMistake_SaysWhatInstead(string problem, params string[] change)
    {
        var kept = Array.IndexOf(Run, change[0]) is >= 0 and var at ? [.. Run[..at], .. Run[(at + 2)..]] : Run;

        Invoke([.. kept, .. change]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith(problem + "\n");
    }

    [Theory]
    [InlineData("--events")]
    [InlineData("--power-trace")]
    [InlineData("--timeline")]
    [InlineData("--html")]
    public void Run_FileThatCannotBeWritten_IsFoundBeforeTheWork(string option)
    {
        var file = _folder["nowhere/file"];

        Invoke([.. Run, option, file]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith($"error: {option} is {file}, but there is no folder {_folder["nowhere"]}. Make it, or name another.");
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_NothingFails_SaysSo()
    {
        var file = _folder.Write("calm.yaml", "{sources: [a], rates: {gpu: {rate: 0/1000 server-days}}}");

        Invoke("simulate", "--step-s", "1e-7", "--days", "1", "--gpus", "8", "--rates", file, "--recovery", "disk-restart", "--seeds", "1").ShouldBe(ExitCodes.Done);

        var text = _output.ToString();
        text.ShouldContain(", step 1E-07s, ");
        text.ShouldContain(": nothing fails; policy disk-restart; 1 run (simulated)");
    }

    [Fact]
    public void Run_RatesWithoutRecovery_AskForAPolicy()
    {
        var file = _folder.Write("mine.yaml", "{sources: [a], rates: {gpu: {rate: 3/1000 server-days}}}");

        Invoke("simulate", "--step-s", "5", "--days", "1", "--gpus", "8", "--rates", file).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe("error: mine has rates, but no recovery. Name a policy with --recovery, or --recovery auto.\n");
    }

    [Fact]
    public void Plan_OnAServer_IsFoundAndPlayed()
    {
        Invoke([.. Planned, "--json", "--seeds", "5"]).ShouldBe(ExitCodes.Done);

        var answer = JsonDocument.Parse(_output.ToString()).RootElement;
        answer.GetProperty("model").GetString().ShouldBe("llama3-8b");
        answer.GetProperty("layout").GetString().ShouldNotBeNullOrEmpty();
        answer.GetProperty("servers").GetInt32().ShouldBe(1);
        (answer.GetProperty("steps").GetProperty("mean").GetDouble() * (1 << 20)).ShouldBeInRange(1e9, 1.01e9);
    }

    [Fact]
    public void Plan_IntervalSparesAndWatts_ReplaceItsChoices()
    {
        var power = _folder["power.csv"];

        Invoke([.. Planned, "--interval", "20min", "--spares", "2", "--watts", "compute=500,communication=500,idle=0", "--power-trace", power, "--json"])
            .ShouldBe(ExitCodes.Done);

        var answer = JsonDocument.Parse(_output.ToString()).RootElement;
        (answer.GetProperty("interval_s").GetDouble(), answer.GetProperty("spares").GetInt32()).ShouldBe((1200, 2));
        File.ReadAllLines(power)[1].ShouldEndWith(",training,0.004");
    }

    [Fact]
    public void Plan_Timeline_IsOneStepOfEveryStage()
    {
        var file = _folder["step.json"];

        Invoke([.. Planned, "--set", "mesh.pp=2", "--timeline", file]).ShouldBe(ExitCodes.Done);

        var trace = JsonDocument.Parse(File.ReadAllText(file)).RootElement;
        trace.GetProperty("otherData").GetProperty("label").GetString().ShouldBe("simulated");
        trace.GetProperty("otherData").GetProperty("title").GetString()!.ShouldStartWith("llama3-8b: tp ");
        trace.GetProperty("traceEvents").EnumerateArray().ShouldContain(e => e.GetProperty("name").GetString() == "optimizer");
        _output.ToString().ShouldContain("llama3-8b on h100-8, tp ");
        _output.ToString().ShouldContain(", pp 2");
    }

    [Fact]
    public void Run_Html_IsWellFormedAndShowsItsSpread()
    {
        var file = _folder["run.html"];

        Invoke([.. Run, "--html", file, "--policy", "ft-hsdp", "--replicas", "16"]).ShouldBe(ExitCodes.Done);

        var html = File.ReadAllText(file);
        var page = XDocument.Parse(html[html.IndexOf("<html", StringComparison.Ordinal)..]).Root!;
        page.Descendants("rect").Count(r => ((string)r.Attribute("class")!).StartsWith("column", StringComparison.Ordinal)).ShouldBeGreaterThan(4);
        page.Descendants("script").ShouldBeEmpty();
        foreach (var word in new[] { "A run on 16,384 GPUs", "20 simulated runs", "silent corruption", "20.0 days", "recovery ft-hsdp" })
            page.Value.ShouldContain(word);
    }

    [Fact]
    public void Plan_FlagsThatItFinds_AreRefused()
    {
        Invoke([.. Planned, "--step-s", "5", "--rates", "rsc-1"]).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe(
            """
            error: --step-s is given, but the plan finds it. Leave it out, or describe the run with --step-s, --gpus and --rates alone.
            error: --rates is given, but the plan finds it. Leave it out, or describe the run with --step-s, --gpus and --rates alone.
            2 problems; nothing was started.

            """);
    }

    [Theory]
    [InlineData("error: Nothing says what is run. Give a RUN.yaml, or --model, --cluster and --tokens, or --step-s, --gpus and --rates.", "simulate")]
    [InlineData("error: --recovery is none, which leaves failures out, but they are what is simulated. Name a policy, or auto.", "simulate", "--model", "llama3-8b", "--cluster", "h100-8", "--tokens", "1B", "--recovery", "none")]
    [InlineData("error: --timeline draws a step of a plan, but the run is described by flags. Give a RUN.yaml, or --model, --cluster and --tokens.", "simulate", "--step-s", "5", "--days", "1", "--gpus", "8", "--rates", "rsc-1", "--timeline", "step.json")]
    [InlineData("error: --rates is missing, so nothing says how often the run fails. Name a preset such as llama3-2024, or a file.", "simulate", "--step-s", "5", "--days", "1", "--gpus", "8")]
    [InlineData("error: --gpus is missing, so nothing says on how many the run trains. Give their number.", "simulate", "--step-s", "5", "--days", "1", "--rates", "rsc-1")]
    [InlineData("error: --gpus is \"auto\", but it counts GPUs. Use a whole number up to 2147483647.", "simulate", "--step-s", "5", "--days", "1", "--gpus", "auto", "--rates", "rsc-1")]
    [InlineData("error: --step-s is missing, but a step takes time. Use a number above 0.", "simulate", "--days", "1", "--gpus", "8", "--rates", "rsc-1")]
    public void Run_NotDescribed_SaysWhatIsMissing(string problem, params string[] arguments)
    {
        Invoke(arguments).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe(problem + "\n");
    }

    private int Invoke(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);
}
