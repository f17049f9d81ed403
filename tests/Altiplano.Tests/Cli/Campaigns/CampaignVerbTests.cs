using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Altiplano.Cli;

namespace Altiplano.Tests.Cli.Campaigns;

public sealed partial class CampaignVerbTests : IDisposable
{
    private const string Rest = "model: llama3-8b, tokens: 1T, seq_len: 8192, global_batch_tokens: 16Mi, rate: 400TFLOP/s";

    private readonly TempFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    private string File() => _folder.Write("two.yaml", $$"""
        name: first & second
        cluster: h100-1024
        runs:
          - {name: first, gpus: 1024, {{Rest}}}
          - {name: second, gpus: 512, {{Rest}}, after: [first], teacher: first, teacher_tokens: 500B}
        sources: ["nothing <published>"]
        """);

    private int Run(params string[] arguments) => new CommandLine(_output, _error).Run(["campaign", .. arguments]);

    [Fact]
    public void Text_TwoRuns_HasTableGanttAndMegawatts()
    {
        Run(File(), "--width", "60").ShouldBe(ExitCodes.Done);

        var lines = _output.ToString().Split('\n');
        lines[0].ShouldMatch(@"^first & second on h100-1024: 1,024 h100-sxm, \d+\.\d days$");
        lines.ShouldContain(line => Regex.IsMatch(line, @"^second\s+512\s+\d+\.\d \(\d+\.\d to \d+\.\d\)"));
        lines.ShouldContain(line => line.StartsWith("second  llama3-8b, 1T tokens; after first; learns from first"));
        var bars = lines.Where(line => line.Contains('█', StringComparison.Ordinal) && !line.StartsWith("MW", StringComparison.Ordinal)).ToArray();
        bars.Length.ShouldBe(2);
        bars.ShouldAllBe(bar => bar.Length <= 60);
        bars[1].IndexOf('█').ShouldBe(bars[0].Length);
        lines.Single(line => line.StartsWith("MW", StringComparison.Ordinal)).Length.ShouldBe(60);
    }

    [Fact]
    public void Json_TwoRuns_AddsUpAndNamesUnits()
    {
        Run(File(), "--json").ShouldBe(ExitCodes.Done);

        using var json = JsonDocument.Parse(_output.ToString());
        var root = json.RootElement;
        var runs = root.GetProperty("runs").EnumerateArray().ToArray();
        runs.Sum(run => run.GetProperty("gpu_hours").GetDouble()).ShouldBe(root.GetProperty("gpu_hours").GetDouble(), 1e-6);
        runs[1].GetProperty("start_day").GetDouble().ShouldBe(runs[0].GetProperty("end_day").GetDouble());
        runs[1].GetProperty("end_day").GetDouble().ShouldBe(root.GetProperty("days").GetDouble());
        runs[0].GetProperty("evidence").GetString().ShouldBe("assumed");
        var kwh = root.GetProperty("power").EnumerateArray().Sum(i =>
            (i.GetProperty("end_day").GetDouble() - i.GetProperty("start_day").GetDouble()) * 24_000 *
            (i.GetProperty("run_mw").GetDouble() + i.GetProperty("idle_mw").GetDouble()));
        var total = root.GetProperty("runs_total").GetProperty("facility_kwh").GetDouble() + root.GetProperty("idle_total").GetProperty("facility_kwh").GetDouble();
        kwh.ShouldBe(total, total * 1e-9);
    }

    [Fact]
    public void Html_FileThatCannotBeWritten_IsToldFirst()
    {
        var page = _folder["nowhere/page.html"];

        Run(File(), "--html", page).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith($"error: --html is {page}, but there is no folder {_folder["nowhere"]}. Make it, or name another.");
        _output.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Html_TwoRuns_IsOnePageWithoutAnythingElse()
    {
        Run(File(), "--html", _folder["page.html"]).ShouldBe(ExitCodes.Done);

        var page = System.IO.File.ReadAllText(_folder["page.html"]);
        _error.ToString().ShouldBe($"Wrote {_folder["page.html"]}\n");
        page.ShouldContain("first &amp; second");
        page.ShouldContain("nothing &lt;published&gt;");
        page.ShouldNotContain("<script");
        page.ShouldNotContain("http");
        var charts = Chart().Matches(page).Select(match => XElement.Parse(match.Value)).ToArray();
        charts.Length.ShouldBe(2);
        charts[0].Descendants("rect").Count().ShouldBe(2);
        charts[0].Descendants("path").Count().ShouldBe(1);
        charts[1].Descendants("rect").Count(rect => rect.Attribute("class")!.Value == "idle").ShouldBe(2);
    }

    /// <summary>A run without a rate is planned: its words name a layout, and its time has failures in it.</summary>
    [Fact]
    public void Text_RunWithoutRate_IsPlanned()
    {
        var file = _folder.Write("one.yaml", """
            cluster: h100-1024
            runs: [{name: a, gpus: 256, model: llama3-8b, tokens: 1T, seq_len: 8192, global_batch_tokens: 4Mi}]
            """);

        Run(file).ShouldBe(ExitCodes.Done);

        _output.ToString().ShouldMatch(@"a  llama3-8b, 1T tokens; tp \d.*goodput 9\d\.\d%.* \(interpolated\)");
    }

    [Fact]
    public void Problems_RunThatFitsNowhere_NameTheRun()
    {
        var file = _folder.Write("one.yaml", """
            cluster: h100-1024
            runs: [{name: big, gpus: 8, model: llama3.1-405b, tokens: 1T, seq_len: 8192, global_batch_tokens: 4Mi}]
            """);

        Run(file).ShouldBe(ExitCodes.Usage);

        _error.ToString().ShouldStartWith("error: runs[0] (big): llama3.1-405b fits nowhere on 8 h100-sxm");
    }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Chart();
}
