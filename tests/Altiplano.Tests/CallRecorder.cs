using Altiplano.Torch;

namespace Altiplano.Tests;

/// <summary>Keeps every operator call, and the most bytes alive at once.</summary>
internal sealed class CallRecorder : IOperatorObserver
{
    private long _live;

    public List<OperatorCall> Calls { get; } = [];
    public long PeakBytes { get; private set; }

    public void OnStart(in OperatorCall call) => Calls.Add(call);

    public void OnEnd(in OperatorCall call)
    {
    }

    public void OnAllocate(in Allocation allocation) => PeakBytes = Math.Max(PeakBytes, _live += allocation.Bytes);

    public void OnRelease(in Allocation allocation) => _live -= allocation.Bytes;
}
