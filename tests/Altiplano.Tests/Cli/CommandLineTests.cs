using System.Text.Json;
using Altiplano.Cli;
using Altiplano.Planning;

namespace Altiplano.Tests.Cli;

public sealed class CommandLineTests : IDisposable
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
    public void Run_ConfigShow_PrintsEveryChoice()
    {
        var file = _folder.Write("run.yaml", "{model: tiny-15m, data: {train: c}, batch: {global_batch_tokens: 4Ki, seq_len: 512}, run: {steps: 1, out: o}}");

        Run("config", "show", file, "--set", "run.seed=5").ShouldBe(ExitCodes.Done);

        _output.ToString().ShouldContain("  micro_batch_size: 8\n");
        _output.ToString().ShouldContain("  seed: 5\n");
        _error.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_ConfigWithProblems_ListsThemAndExitsWithUsage()
    {
        var file = _folder.Write("run.yaml", "{}");

        Run("config", "show", file).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith($"error: {file}:1:1: model is missing. It is required.\n");
        _error.ToString().ShouldEndWith("4 problems; nothing was started.\n");
    }

    [Theory]
    [InlineData]
    [InlineData("cofnig")]
    [InlineData("report")]
    [InlineData("config", "show", "a", "b")]
    public void Run_WrongArguments_ExitsWithUsage(params string[] arguments)
    {
        Run(arguments).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldNotBeEmpty();
    }

    [Fact]
    public void Run_Help_ShowsDefaultsAndIsDone()
    {
        Run("report", "--help").ShouldBe(ExitCodes.Done);

        _output.ToString().ShouldContain("--json");
    }

    [Fact]
    public void Run_ReportOfNoRun_SaysWhatIsMissing()
    {
        Run("report", _folder.Root).ShouldBe(ExitCodes.Failed);

        _error.ToString().ShouldBe($"error: {_folder.Root} has no metrics.jsonl. Give the folder that a training run wrote.\n");
    }

    [Fact]
    public void Run_ReportAsJson_NamesTheFile()
    {
        _folder.Write("metrics.jsonl", """{"step":1,"train/loss":2.5}""" + "\n");

        Run("report", _folder.Root, "--json").ShouldBe(ExitCodes.Done);

        var report = JsonDocument.Parse(_output.ToString()).RootElement.GetProperty("report").GetString();
        File.ReadAllText(report!).ShouldContain("2.5000");
    }

    [Fact]
    public void Write_UnexplainedFailure_SaysHowToSeeMore()
    {
        FailureReport.Write(new InvalidOperationException("boom"), _error).ShouldBe(ExitCodes.Failed);

        _error.ToString().ShouldBe(
            "error: InvalidOperationException: boom\n" +
            "This is a fault of altiplano's own. Set ALTIPLANO_TRACE=1 to see where it happened, and report it.\n");
    }

    [Fact]
    public void Write_OneProblem_IsNotCounted()
    {
        FailureReport.Write(new ConfigException("a is 1, but it must be 2."), _error).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldBe("error: a is 1, but it must be 2.\n");
    }

    private int Run(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);
}
