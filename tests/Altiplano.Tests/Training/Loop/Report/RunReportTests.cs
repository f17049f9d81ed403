using System.Text.RegularExpressions;
using System.Xml.Linq;
using Altiplano.Tests.Training.Loop.Metrics;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Tests.Training.Loop.Report;

public sealed partial class RunReportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_Run_ShowsEveryCurveItHas()
    {
        var html = Report(5000, samples: []);

        foreach (var title in new[]
        {
            "Loss", "Bits per byte, held out", "Learning rate", "Gradient norm", "Tokens per second", "Peak memory", "Model FLOP/s utilisation",
        })
        {
            html.ShouldContain($"<b>{title}</b>");
        }

        html.ShouldNotContain("<b>Power</b>");
    }

    [Fact]
    public void Write_OddNumberOfCharts_FillsTheRowWithStepTime() => Report(5, samples: []).ShouldContain("<b>Step time</b>");

    [Fact]
    public void Write_Run_ShowsTilesSettingsAndEnvironment()
    {
        var html = Report(100, samples: []);

        html.ShouldContain("<b>819,200</b><span>tokens in 100 steps</span>");
        html.ShouldContain("<b>1.2034</b><span>bits per byte, val</span>");
        html.ShouldContain("<b>2m30s</b><span>spent in training steps</span>");
        html.ShouldContain("<div><span>optimizer.lr</span><code>1e-3 &lt;&amp;&gt;</code></div>");
        html.ShouldContain("<div><span>libtorch_version</span><code>2.10.0</code></div>");
    }

    [Fact]
    public void Write_Sample_IsTextAndNeverMarkup()
    {
        var html = Report(3, samples: [new GeneratedSample("<b>", "<script>alert('x')</script> & more")]);

        html.ShouldContain("<b>&lt;b&gt;</b>&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; more");
        html.ShouldNotContain("<script");
    }

    [Fact]
    public void Write_Run_NeedsNoOtherFile()
    {
        var html = Report(100, samples: []);

        Outside().Matches(html).ShouldBeEmpty();
    }

    [Fact]
    public void Write_LongRun_KeepsThePageSmall() => Report(20_000, samples: []).Length.ShouldBeLessThan(200_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5000)]
    public void Write_Charts_AreWellFormedAndFinite(int steps)
    {
        var drawings = Svg().Matches(Report(steps, samples: [])).Select(m => XElement.Parse(m.Value)).ToArray();

        drawings.ShouldNotBeEmpty();
        drawings.ShouldAllBe(svg => !svg.ToString().Contains("NaN") && !svg.ToString().Contains("Infinity") && !svg.ToString().Contains('∞'));
    }

    [Fact]
    public void Write_FolderWithoutMetrics_SaysWhatToGive() =>
        Should.Throw<IOException>(() => RunReport.Write(new RunFolder(_folder.Root), [])).Message
            .ShouldBe($"{_folder.Root} has no metrics.jsonl. Give the folder that a training run wrote.");

    [Fact]
    public void Load_OfSave_IsTheSameSamples()
    {
        GeneratedSample[] samples = [new("Été", " \"x\"\n"), new("", "y")];

        GeneratedSample.Save(_folder["samples.json"], samples);

        GeneratedSample.Load(_folder["samples.json"]).ShouldBe(samples);
    }

    [Fact]
    public void Load_SamplesOfAnotherKind_NamesThePath() =>
        Should.Throw<IOException>(() => GeneratedSample.Load(_folder.Write("samples.json", "[{\"text\": 3}]"))).Message
            .ShouldStartWith($"{_folder["samples.json"]}: the file is not a list of {{\"prompt\", \"text\"}}.");

    private string Report(int steps, IReadOnlyList<GeneratedSample> samples)
    {
        var run = new RunFolder(_folder.Root);
        using (var log = MetricsLog.Open(run.Metrics, 0))
        {
            for (var step = 1; step <= steps; step++)
                log.Append(step % 100 == 0 ? SampleSteps.ValidatedAt(step) : SampleSteps.At(step) with { TrainLoss = 2 + 8.0 / step });
        }

        GeneratedSample.Save(run.Samples, samples);
        RunEnvironment.Capture("/opt/libtorch.so", "2.10.0", 2, new FixedTime()).Save(run.Environment);
        RunReport.Write(run, [("optimizer.lr", "1e-3 <&>")]);
        return File.ReadAllText(run.Report);
    }

    [GeneratedRegex("<svg.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex Svg();

    [GeneratedRegex("https?:|src=|href=|url\\(|@import")]
    private static partial Regex Outside();
}
