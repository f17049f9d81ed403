using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Tests.Training.Loop.Report;

public sealed class TerminalChartTests
{
    [Fact]
    public void Draw_FallingLine_IsThisPicture()
    {
        var line = new ChartSeries("loss", [.. Enumerable.Range(0, 101).Select(i => new MetricPoint(i, 4 - 0.03 * i))]);
        var held = new ChartSeries("val", [new(50, 3), new(100, 1)]);

        TerminalChart.Draw(line, [held], width: 40, height: 6).ShouldBe(Expected);
    }

    [Fact]
    public void DrawLosses_Run_NamesTrainingAndHeldOut()
    {
        using var folder = new TempFolder();
        var log = folder.Write("metrics.jsonl", """
            {"step":1,"train/loss":3}
            {"step":2,"train/loss":2,"val/loss":2.5,"val/bpb":1,"members/loss":2.2}

            """);

        TerminalChart.DrawLosses(MetricsHistory.Load(log), 60, 8).ShouldStartWith("     ⠤ training loss   ● val   ◆ members\n");
    }

    [Fact]
    public void Draw_NothingFinite_SaysSo() =>
        TerminalChart.Draw(new ChartSeries("loss", [new(1, double.NaN)]), [], 40, 6).ShouldBe("loss: nothing to draw yet.\n");

    [Fact]
    public void Draw_OnePoint_StillHasAFrame() =>
        TerminalChart.Draw(new ChartSeries("loss", [new(1, 2)]), [], 40, 6).Split('\n').Length.ShouldBe(10);

    [Theory]
    [InlineData(40, 5)]
    [InlineData(80, 16)]
    [InlineData(200, 40)]
    public void Draw_AnySize_StaysWithinIt(int width, int height)
    {
        var line = new ChartSeries("loss", [.. Enumerable.Range(1, 5000).Select(i => new MetricPoint(i, 2 + 8.0 / i))]);

        var lines = TerminalChart.Draw(line, [], width, height).TrimEnd('\n').Split('\n');

        lines.Length.ShouldBe(height + 3);
        lines[..^1].ShouldAllBe(l => l.Length <= width);
    }

    private const string Expected = """
           ⠤ loss   ● val
        4 ┤⠉⠒⠢⠤⣀⣀
          │      ⠉⠑⠒⠤⢄⣀
          │            ⠉⠑⠒⠢⠤⣀●
        2 ┤                  ⠈⠉⠒⠢⠤⢄⣀
          │                         ⠉⠑⠒⠤⢄⣀
          │                               ⠉⠉⠒⠢⠤●
          └┴─────────────────┴─────────────────┴
           0                50                100

        """;
}
