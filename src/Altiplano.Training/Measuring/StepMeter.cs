using System.Diagnostics;
using Altiplano.Distributed;
using Altiplano.Planning.Tracing;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Metrics;
using Altiplano.Training.Measuring.Power;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>Measures a sample of one rank's steps, for <c>reconcile</c>, and traces those that a user asked for.</summary>
/// <remarks>
/// Give <see cref="Recorder"/> to the engine and the communicators. A step that is neither measured nor traced costs it nothing but a
/// look at each tensor; a measured one two clock readings an operator. Before a traced step all ranks pass a barrier, which sets their
/// clocks.
/// </remarks>
public sealed class StepMeter : IDisposable
{
    private const string PartPrefix = "part-rank-";

    private readonly RunFolder _folder;
    private readonly ICommunicator? _world;
    private readonly int _every;
    private readonly TraceRequest? _request;
    private readonly PowerMeter _power;
    private readonly JsonLines _lines;
    private readonly List<TracedStep> _traced = [];
    private long _firstStart;
    private bool _isMeasuring;

    /// <param name="world">All ranks; null for one process.</param>
    /// <param name="every">Steps between two that are measured.</param>
    /// <param name="startStep">Steps done before this process; measurements of later ones are cut off.</param>
    public StepMeter(RunFolder folder, ICommunicator? world, int every, long startStep, TraceRequest? request = null)
    {
        (_folder, _world, _every, _request) = (folder, world, every, request);
        Directory.CreateDirectory(folder.Traces);
        var path = folder.Measured(Rank);
        var kept = File.Exists(path) ? StepMeasurement.Load(path).TakeWhile(m => m.Step <= startStep).Count() : 0;
        _lines = new JsonLines(path, JsonLines.CountBytes(path, _ => kept-- > 0));
        _power = PowerMeter.OfThisMachine();
    }

    public StepRecorder Recorder { get; } = new(TimeProvider.System);

    private int Rank => _world?.Rank ?? 0;

    /// <summary>A step begins.</summary>
    /// <param name="step">Its number, counted from 1.</param>
    public void Begin(long step)
    {
        var isTraced = _request?.Holds(step) ?? false;
        _isMeasuring = isTraced || step % _every == 0;
        if (!_isMeasuring)
            return;
        if (isTraced)
            Align();
        Recorder.Begin();
    }

    /// <summary>A step is over.</summary>
    /// <remarks>Collectives: after the last traced step two barriers.</remarks>
    public void End(long step, TimeSpan elapsed)
    {
        if (!_isMeasuring)
            return;
        var trace = Recorder.End();
        if (step % _every == 0)
        {
            var measured = StepMeasurement.Of(trace, step, elapsed.TotalSeconds, ProcessMemory.Peak(), _power.CpuWatts(), _power.GpuWatts());
            _lines.Append(measured.ToJson());
        }

        if (_request?.Holds(step) != true)
            return;
        _traced[^1] = _traced[^1] with { Slices = [.. TraceBars.Of(trace, Rank, step, elapsed.TotalSeconds)] };
        if (step == _request.Last)
            Join(_request);
    }

    /// <summary>The run is over; one that ended before the last traced step still shows those that it did.</summary>
    /// <remarks>Collectives: as <see cref="End"/>, where steps were traced that no file shows yet. A rank that failed does not call it.</remarks>
    public void Finish()
    {
        if (_traced.Count > 0)
            Join(_request!);
    }

    public void Dispose()
    {
        _lines.Dispose();
        _power.Dispose();
    }

    private void Align()
    {
        _world?.Run(Collective.Barrier());
        var now = Stopwatch.GetTimestamp();
        if (_traced.Count == 0)
            _firstStart = now;
        _traced.Add(new TracedStep(Stopwatch.GetElapsedTime(_firstStart, now).TotalSeconds, []));
    }

    /// <summary>Every rank leaves its bars in the run folder, and rank 0 makes one file of them.</summary>
    private void Join(TraceRequest request)
    {
        new TracePart(_traced).Save(PartOf(Rank));
        _traced.Clear();
        _world?.Run(Collective.Barrier());
        if (Rank == 0)
            Write(request);
        _world?.Run(Collective.Barrier());
    }

    private void Write(TraceRequest request)
    {
        var paths = Enumerable.Range(0, _world?.Members.Count ?? 1).Select(PartOf).ToList();
        var slices = TracePart.Join([.. paths.Select(TracePart.Load)]);
        using (var stream = File.Create(request.File))
            ChromeTrace.Write(stream, new StepTimeline($"{_folder.Name}, steps {request.First} to {request.Last}", "measured", slices));
        paths.ForEach(File.Delete);
    }

    private string PartOf(int rank) => Path.Combine(_folder.Traces, $"{PartPrefix}{rank:00000}.json");
}
