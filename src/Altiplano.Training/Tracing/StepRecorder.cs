using Altiplano.Distributed.Recording;
using Altiplano.Planning.Schedules;
using Altiplano.Torch;

namespace Altiplano.Training.Tracing;

/// <summary>Records one rank's step: give it to its <see cref="Engine"/> and to its <see cref="RecordingCommunicator"/>.</summary>
/// <remarks>
/// Before <see cref="Begin"/> it only follows what is allocated, in a few bytes a tensor. It belongs to the rank's thread.
/// </remarks>
/// <param name="time">The clock; null on shapes, where nothing takes time.</param>
public sealed class StepRecorder(TimeProvider? time = null) : IStepObserver, ICollectiveObserver
{
    private readonly Dictionary<long, Allocation> _state = [];
    private readonly Dictionary<long, int> _alive = [];
    private readonly Dictionary<(string Axis, bool IsMessage, long Sequence), int> _inFlight = [];
    private readonly Stack<int> _open = [];
    private List<TracedOperator> _operators = [];
    private List<TracedCollective> _collectives = [];
    private List<TracedAllocation> _allocations = [];
    private List<TracedAction> _actions = [];
    private int? _action;
    private int _place;
    private long _start;
    private bool _isRecording;

    private double? Now => time?.GetElapsedTime(_start).TotalSeconds;

    /// <summary>A step begins; what is alive now is state.</summary>
    public void Begin()
    {
        (_operators, _collectives, _allocations, _actions) = ([], [], [], []);
        _alive.Clear();
        foreach (var (id, state) in _state.OrderBy(pair => pair.Key))
            Add(id, new TracedAllocation(null, null, state.Bytes, state.Part, null, null, 0));
        (_place, _isRecording) = (0, true);
        _start = time?.GetTimestamp() ?? 0;
    }

    /// <summary>The step is over.</summary>
    public StepTrace End()
    {
        _isRecording = false;
        _inFlight.Clear();
        return new StepTrace { Operators = _operators, Collectives = _collectives, Allocations = _allocations, Actions = _actions, NumEvents = _place };
    }

    public void OnStart(in OperatorCall call)
    {
        if (!_isRecording)
            return;
        _open.Push(_operators.Count);
        _operators.Add(new TracedOperator(_place++, call, _action, StartingNow()));
    }

    public void OnEnd(in OperatorCall call)
    {
        if (!_isRecording || !_open.TryPop(out var index))
            return;
        _operators[index] = _operators[index] with { Time = EndingNow(_operators[index].Time) };
    }

    public void OnAllocate(in Allocation allocation)
    {
        _state.Add(allocation.Id, allocation);
        if (!_isRecording)
            return;
        var maker = _open.TryPeek(out var op) ? op : _operators.Count;
        Add(allocation.Id, new TracedAllocation(_place++, null, allocation.Bytes, allocation.Part, _action, null, maker));
    }

    public void OnRelease(in Allocation allocation)
    {
        _state.Remove(allocation.Id);
        if (!_isRecording)
            return;
        _alive.Remove(allocation.Id, out var index);
        _allocations[index] = _allocations[index] with { ReleasePlace = _place++, ReleaseAction = _action };
    }

    public void OnActionStart(in PipelineAction action)
    {
        if (!_isRecording)
            return;
        _action = _actions.Count;
        _actions.Add(new TracedAction(_place, _place, action, StartingNow()));
    }

    public void OnActionEnd(in PipelineAction action)
    {
        if (!_isRecording)
            return;
        _actions[^1] = _actions[^1] with { EndPlace = _place, Time = EndingNow(_actions[^1].Time) };
        _action = null;
    }

    public void OnStart(in CollectiveRecord collective)
    {
        if (!_isRecording)
            return;
        _inFlight[KeyOf(collective)] = _collectives.Count;
        _collectives.Add(new TracedCollective(_place++, null, collective, _action, StartingNow(), null));
    }

    public void OnWait(in CollectiveRecord collective)
    {
        if (_isRecording && _inFlight.TryGetValue(KeyOf(collective), out var index))
            _collectives[index] = _collectives[index] with { WaitPlace = _place++, Waited = StartingNow() };
    }

    public void OnMoved(in CollectiveRecord collective, long begun, long ended)
    {
        if (_isRecording && time is not null && _inFlight.TryGetValue(KeyOf(collective), out var index))
            _collectives[index] = _collectives[index] with { Moved = new TraceTime(Since(begun), Since(ended)) };
    }

    public void OnEnd(in CollectiveRecord collective)
    {
        if (!_isRecording || !_inFlight.Remove(KeyOf(collective), out var index))
            return;
        var traced = _collectives[index];
        _collectives[index] = traced with { Time = EndingNow(traced.Time), Waited = EndingNow(traced.Waited) };
    }

    private void Add(long id, in TracedAllocation allocation)
    {
        _alive.Add(id, _allocations.Count);
        _allocations.Add(allocation);
    }

    private double Since(long timestamp) => Math.Max(0, time!.GetElapsedTime(_start, timestamp).TotalSeconds);

    private TraceTime? StartingNow() => Now is { } now ? new TraceTime(now, now) : null;

    private TraceTime? EndingNow(TraceTime? started) => started is { } span ? span with { End = Now!.Value } : null;

    private static (string, bool, long) KeyOf(in CollectiveRecord collective) =>
        (collective.Axis, Distributed.CollectiveKinds.IsPointToPoint(collective.Kind), collective.Sequence);
}
