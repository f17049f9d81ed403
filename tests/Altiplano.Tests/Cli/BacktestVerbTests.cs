using System.Text.Json;
using System.Text.Json.Nodes;
using Altiplano.Cli;
using Altiplano.Tests.Planning.Backtest;

namespace Altiplano.Tests.Cli;

public sealed class BacktestVerbTests : IDisposable
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
    public void Run_CasesAsJson_AnswersEachInOrder()
    {
        var (good, bad) = (Cases.Complete(), Cases.Complete());
        (good["colour"], bad["id"], bad["gpus"]) = ("red", "y", 33);
        var file = _folder.Write("cases.json", new JsonArray(bad, good).ToJsonString());

        Run("backtest", "--cases", file, "--json").ShouldBe(ExitCodes.Done);

        using var answer = JsonDocument.Parse(_output.ToString());
        answer.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(["cases"]);
        var cases = answer.RootElement.GetProperty("cases").EnumerateArray().ToList();
        cases[0].GetProperty("id").GetString().ShouldBe("y");
        cases[0].GetProperty("refused").GetString().ShouldBe("tp 2 x pp 2 x cp 1 x dp 8 is 32, but gpus is 33. The degrees must multiply to gpus.");
        cases[0].TryGetProperty("step_s", out _).ShouldBeFalse();
        cases[1].GetProperty("id").GetString().ShouldBe("x");
        cases[1].GetProperty("grade").GetString().ShouldBeOneOf("interpolated", "assumed");
        cases[1].GetProperty("unknown_keys").EnumerateArray().Select(k => k.GetString()).ShouldBe(["colour"]);
        var step = cases[1].GetProperty("step_s").GetDouble();
        cases[1].GetProperty("parts").EnumerateObject().Sum(p => p.Value.GetDouble()).ShouldBe(step, step * 1e-9);
        var memory = cases[1].GetProperty("memory_gb").GetDouble();
        cases[1].GetProperty("memory_parts").EnumerateObject().Sum(p => p.Value.GetDouble()).ShouldBe(memory, memory * 1e-9);
        cases[1].GetProperty("tokens_per_s_per_gpu").GetDouble().ShouldBe(4096.0 * 64 / 32 / step, 1e-6);
    }

    [Theory]
    [InlineData("H800", "8x400 Gb/s IB per node", "coefficients of h800-bf16, which is graded assumed (taken over from h100-infiniband-bf16: ")]
    [InlineData("H200", "8x400 Gb/s IB per node", "coefficients of h200-bf16, which is graded assumed (taken over from h100-infiniband-bf16: ")]
    [InlineData("B200", "8x400 Gb/s IB per node", "coefficients of b200-bf16, which is graded assumed (taken over from h100-infiniband-bf16: ")]
    [InlineData("H100", "EFA 400 Gb/s per GPU", "coefficients of h100-roce-bf16, ")]
    [InlineData("H100", "RoCE 400 Gb/s per GPU", "coefficients of h100-roce-bf16, ")]
    [InlineData("A100-40GB", "8x200 Gb/s IB per node", "coefficients of a100-roce-bf16, the nearest stack: there is none of a100-40g with infiniband in bf16")]
    public void Run_CaseGradedAssumed_NamesTheStack(string gpu, string interconnect, string assumption)
    {
        var assumed = Cases.Complete();
        (assumed["gpu"], assumed["interconnect"]) = (gpu, interconnect);

        Run("backtest", "--cases", _folder.Write("cases.json", new JsonArray(assumed).ToJsonString()), "--json").ShouldBe(ExitCodes.Done);

        using var answer = JsonDocument.Parse(_output.ToString());
        var prediction = answer.RootElement.GetProperty("cases")[0];
        prediction.GetProperty("grade").GetString().ShouldBe("assumed");
        prediction.GetProperty("assumptions").EnumerateArray().ShouldHaveSingleItem().GetString().ShouldStartWith(assumption);
    }

    [Fact]
    public void Run_NoArguments_PrintsTheErrorsOfWhatShips()
    {
        Run("backtest", "--leave-one-out").ShouldBe(ExitCodes.Done);

        var page = _output.ToString();
        page.ShouldContain("errors of step time, %");
        page.ShouldContain("recommended");
        page.ShouldContain("source Korthikanti et al. 2022");
        page.ShouldContain("errors of memory, %");
        page.ShouldContain("llama3-405b-8k");
        page.ShouldContain("MFU counts no recompute, nor the scores that attention computes again in its backward pass; HFU would.");
        page.ShouldContain("fitted to the");
        page.ShouldNotContain("refused");
    }

    [Fact]
    public void Run_Json_HasEveryTable()
    {
        Run("backtest", "--json").ShouldBe(ExitCodes.Done);

        using var answer = JsonDocument.Parse(_output.ToString());
        answer.RootElement.EnumerateObject().Select(p => p.Name).ShouldBe(
            ["cases", "step_time", "naive_step_time", "memory", "memory_verdicts", "layout_regret", "rates"]);
        answer.RootElement.GetProperty("step_time")[0].GetProperty("count").GetInt32().ShouldBe(72);
    }

    [Fact]
    public void Run_CasesForPeople_ListsRunsAndRefusals()
    {
        var (good, bad) = (Cases.Complete(), Cases.Complete());
        (good["colour"], bad["id"], bad["gpu"]) = ("red", "y", "TPU [v4]");
        var file = _folder.Write("cases.jsonl", good.ToJsonString() + "\n" + bad.ToJsonString() + "\n");

        Run("backtest", "--cases", file).ShouldBe(ExitCodes.Done);

        _output.ToString().ShouldContain("y: refused. gpu is \"TPU [v4]\", which is not one that we know: A100");
        _output.ToString().ShouldContain("x: unknown keys colour.");
        _output.ToString().ShouldContain("errors of step time, %");
    }

    [Theory]
    [InlineData("[{]", "cases.json, line 1, column 3: not JSON. ")]
    [InlineData("7", "cases.json is a JSON number. A file of cases is an array of objects.")]
    public void Run_MalformedCases_NamesThePlace(string text, string problem)
    {
        Run("backtest", "--cases", _folder.Write("cases.json", text), "--json").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldContain(problem);
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Run_MissingFile_SaysSo()
    {
        Run("backtest", "--cases", "/nowhere/cases.json").ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith("error: --cases is \"/nowhere/cases.json\", which cannot be read. ");
    }

    private int Run(params string[] arguments) => new CommandLine(_output, _error).Run(arguments);
}
