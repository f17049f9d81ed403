using Altiplano.Planning.Units;
using Altiplano.Tests.Training.Loop.Metrics;
using Altiplano.Training.Loop.Display;

namespace Altiplano.Tests.Training.Loop.Display;

public sealed class TrainingConsoleTests : IDisposable
{
    private static readonly ConsoleScale Scale = new(100, null, "", new Bytes(24L << 30));

    private readonly FixedTime _time = new();
    private readonly StringWriter _output = new();

    public void Dispose() => _output.Dispose();

    [Fact]
    public void Remaining_EvenSteps_IsTheirTime()
    {
        var rate = new StepRate(_time, step: 10);
        rate.Remaining(100).ShouldBeNull();
        for (var step = 11; step <= 20; step++)
        {
            _time.Advance(2);
            rate.Observe(step);
        }

        rate.Remaining(100)!.Value.TotalSeconds.ShouldBe(160, 1e-6);
    }

    [Fact]
    public void Remaining_SlowerOfLate_FollowsTheChange()
    {
        var rate = new StepRate(_time, step: 0);
        for (var step = 1; step <= 400; step++)
        {
            _time.Advance(step <= 200 ? 1 : 3);
            rate.Observe(step);
        }

        rate.Remaining(401)!.Value.TotalSeconds.ShouldBeInRange(2.9, 3);
    }

    [Fact]
    public void Show_Redirected_PrintsPlainLinesEverySoManySteps()
    {
        using var console = new ProgressConsole(_output, width: null);

        Show(new TrainingConsole(console, Scale, logEvery: 10, startStep: 0, _time), 1, 25);

        var lines = _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(l => l.Split(" | ")[0]).ShouldBe(["step 1/100", "step 10/100", "step 20/100", "step 20/100"]);
        lines[1].ShouldEndWith(" | eta 3m00s");
        _output.ToString().ShouldNotContain("\e");
    }

    [Fact]
    public void Show_Terminal_KeepsTheBarUnderTheLines()
    {
        using var console = new ProgressConsole(_output, width: 60);

        Show(new TrainingConsole(console, Scale, logEvery: 10, startStep: 0, _time), 50, 50);

        _output.ToString().ShouldEndWith("tok/s | 145 GFLOP/s | mem 1.2GiB (5%) | eta 2s\n▕████████████████▌                ▏ 50% step 50/100  eta 2s");
    }

    [Theory]
    [InlineData(0, "▕        ▏ 0% x")]
    [InlineData(0.5, "▕███▌   ▏ 50% x")]
    [InlineData(0.52, "▕███▋   ▏ 52% x")]
    [InlineData(1, "▕██████▏ 100% x")]
    [InlineData(7, "▕██████▏ 100% x")]
    public void Show_Share_FillsTheBar(double share, string expected)
    {
        using var console = new ProgressConsole(_output, width: 16);

        console.Show(share, "x");

        _output.ToString().ShouldBe("\r\e[2K" + expected);
    }

    [Fact]
    public void Dispose_Terminal_TakesTheBarAway()
    {
        using (var console = new ProgressConsole(_output, width: 40))
            console.Show(0.5, "half");

        _output.ToString().ShouldEndWith("\r\e[2K");
    }

    private void Show(TrainingConsole console, long first, long last)
    {
        for (var step = first; step <= last; step++)
        {
            _time.Advance(2);
            console.Show(step == 20 ? SampleSteps.ValidatedAt(step) : SampleSteps.At(step));
        }
    }
}
