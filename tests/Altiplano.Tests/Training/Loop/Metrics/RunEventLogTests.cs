using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Tests.Training.Loop.Metrics;

public sealed class RunEventLogTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Append_OverTwoProcesses_KeepsWhatHappenedBefore()
    {
        var time = new FixedTime();
        using (var log = new RunEventLog(_folder["events.jsonl"], time))
        {
            log.Append(RunEventKind.Start, 0);
            log.Append(RunEventKind.CheckpointSaved, 50, "checkpoints/step-00000050");
        }

        time.Advance(1);
        using (var log = new RunEventLog(_folder["events.jsonl"], time))
            log.Append(RunEventKind.Resume, 50);

        File.ReadAllLines(_folder["events.jsonl"]).ShouldBe(
        [
            """{"time":"2026-03-04T05:06:07.250Z","event":"start","step":0}""",
            """{"time":"2026-03-04T05:06:07.250Z","event":"checkpoint_saved","step":50,"detail":"checkpoints/step-00000050"}""",
            """{"time":"2026-03-04T05:06:08.250Z","event":"resume","step":50}""",
        ]);
    }

    [Theory]
    [InlineData(RunEventKind.Interrupted, "interrupted")]
    [InlineData(RunEventKind.Aborted, "aborted")]
    [InlineData(RunEventKind.Finished, "finished")]
    public void Append_End_HasItsName(RunEventKind kind, string name)
    {
        using (var log = new RunEventLog(_folder["events.jsonl"], new FixedTime()))
            log.Append(kind, 7);

        File.ReadAllText(_folder["events.jsonl"]).ShouldContain($"\"event\":\"{name}\",\"step\":7");
    }
}
