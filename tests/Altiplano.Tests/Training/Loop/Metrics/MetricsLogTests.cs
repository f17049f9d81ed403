using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Tests.Training.Loop.Metrics;

public sealed class MetricsLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string LogPath => _folder["metrics.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_Step_WritesTheDocumentedKeys()
    {
        Write(0, SampleSteps.ValidatedAt(2) with { PowerW = 75 });

        File.ReadAllText(LogPath).ShouldBe(
            """{"step":2,"tokens_seen":16384,"train/loss":3.14767,"grad_norm":0.5141,"lr":0.0001,"tokens_per_s":5761.6""" +
            ""","tflops_per_gpu":0.1452,"mfu":0.78,"memory/peak_gib":1.199999999254942,"step_s":1.5,"power_w":75""" +
            ""","val/loss":3.2011,"val/bpb":1.20341,"val_members/loss":2.9987}""" + "\n");
    }

    [Fact]
    public void Append_UnknownAndInfinite_AreLeftOutAndNull()
    {
        Write(0, SampleSteps.At(1) with { Mfu = null, TrainLoss = double.NaN });

        File.ReadAllText(LogPath).ShouldContain("\"train/loss\":null");
        File.ReadAllText(LogPath).ShouldNotContain("mfu");
    }

    [Fact]
    public void Open_OnResume_CutsLaterStepsAndHalfALine()
    {
        Write(0, SampleSteps.At(1), SampleSteps.At(2), SampleSteps.At(3));
        File.AppendAllText(LogPath, "{\"step\":4,\"tok");

        Write(2, SampleSteps.At(3), SampleSteps.At(4));

        MetricsHistory.Load(LogPath)[Metric.Step].Select(p => p.Value).ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Open_LineThatIsNoStep_NamesIt()
    {
        _folder.Write("metrics.jsonl", "{\"loss\":1}\n");

        Should.Throw<IOException>(() => MetricsLog.Open(LogPath, 5)).Message.ShouldBe(
            $"{LogPath}: a line is not a JSON object with a step: {{\"loss\":1}}. Delete the line to go on.");
    }

    [Fact]
    public void Open_NewRun_StartsEmpty()
    {
        Write(0, SampleSteps.At(1));

        Write(0, SampleSteps.At(1));

        MetricsHistory.Load(LogPath)[Metric.Step].Count.ShouldBe(1);
    }

    [Fact]
    public void Append_EachStep_IsOnDiskAtOnce()
    {
        using var log = MetricsLog.Open(LogPath, 0);

        log.Append(SampleSteps.At(1));

        using var reader = new StreamReader(new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        reader.ReadToEnd().ShouldEndWith("}\n");
    }

    [Fact]
    public void Load_Log_GivesPointsByKeyWithoutNullsAndHalfLines()
    {
        Write(0, SampleSteps.At(1) with { TrainLoss = double.NaN }, SampleSteps.ValidatedAt(2));
        File.AppendAllText(LogPath, "{\"st");

        var history = MetricsHistory.Load(LogPath);

        history[Metric.TrainLoss].ShouldBe([new MetricPoint(2, 3.14767)]);
        history["val/bpb"].ShouldBe([new MetricPoint(2, 1.20341)]);
        history["absent"].ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("{\"step\":1,\"lr\":\"x\"}")]
    [InlineData("nonsense")]
    public void Load_LineThatIsNoStep_NamesPathAndLine(string line)
    {
        _folder.Write("metrics.jsonl", "{\"step\":1}\n" + line + "\n");

        Should.Throw<IOException>(() => MetricsHistory.Load(LogPath)).Message.ShouldStartWith(
            $"{LogPath}: line 2 is not a JSON object of numbers with a step. Delete the line to read the rest.");
    }

    private void Write(long step, params StepMetrics[] steps)
    {
        using var log = MetricsLog.Open(LogPath, step);
        foreach (var metrics in steps)
            log.Append(metrics);
    }
}
