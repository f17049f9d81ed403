using System.Runtime.CompilerServices;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Tests.Training.Loop.Metrics;

public sealed class MetricTests
{
    [Fact]
    public void OfEveryStep_Key_IsDocumented() => Metric.OfEveryStep.ShouldAllBe(m => DocsPage().Contains($"| `{m.Key}` |"));

    [Fact]
    public void Values_Step_ReadsEveryMetricOnce() =>
        (SampleSteps.At(3) with { PowerW = 9 }).Values().Select(v => v.Metric.Key).ShouldBe(Metric.OfEveryStep.Select(m => m.Key));

    [Theory]
    [InlineData(3.14767, "3.1477")]
    [InlineData(double.NaN, "NaN")]
    public void Show_Loss_HasFourDecimals(double loss, string expected) => Metric.TrainLoss.Show(loss).ShouldBe(expected);

    private static string DocsPage([CallerFilePath] string thisFile = "") =>
        File.ReadAllText(Path.GetFullPath("../../../../../docs/run-folder.md", Path.GetDirectoryName(thisFile)!));
}
