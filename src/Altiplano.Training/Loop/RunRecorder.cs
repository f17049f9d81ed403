using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop;

/// <summary>Everything that a run leaves behind as it goes: metrics, TensorBoard, events, and what is on the screen.</summary>
public sealed class RunRecorder : IDisposable
{
    private readonly MetricsLog _metrics;
    private readonly TensorBoardWriter _tensorBoard;
    private readonly RunEventLog _events;
    private readonly ProgressConsole _console;
    private readonly TrainingConsole _progress;

    /// <param name="startStep">Steps done before this process; records of later ones are cut off.</param>
    public RunRecorder(RunFolder folder, ProgressConsole console, ConsoleScale scale, int logEvery, long startStep, TimeProvider time)
    {
        _metrics = MetricsLog.Open(folder.Metrics, startStep);
        _tensorBoard = TensorBoardWriter.Create(folder.TensorBoard, startStep, time);
        _events = new RunEventLog(folder.Events, time);
        _console = console;
        _progress = new TrainingConsole(console, scale, logEvery, startStep, time);
    }

    public void Record(StepMetrics metrics)
    {
        _metrics.Append(metrics);
        _tensorBoard.Append(metrics);
        _progress.Show(metrics);
    }

    /// <summary>Notes what happened in events.jsonl and says it where somebody watches.</summary>
    public void Note(RunEventKind kind, long step, string detail)
    {
        _events.Append(kind, step, detail);
        _console.WriteLine(detail);
    }

    public void Dispose()
    {
        _console.Dispose();
        _metrics.Dispose();
        _tensorBoard.Dispose();
        _events.Dispose();
    }
}
