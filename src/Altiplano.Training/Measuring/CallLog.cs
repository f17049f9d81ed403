using System.Diagnostics;
using Altiplano.Torch;

namespace Altiplano.Training.Measuring;

/// <summary>Which call of an operator: calls of equal operations and bytes are taken for equal.</summary>
internal readonly record struct CallKey(string Name, double Flops, long Bytes);

/// <summary>Keeps the time of every call of an engine, equal calls together.</summary>
internal sealed class CallLog : IOperatorObserver
{
    private readonly Dictionary<CallKey, List<double>> _seconds = [];
    private long _start;

    /// <summary>False while steps warm up.</summary>
    public bool IsOn { get; set; }

    /// <summary>Size of the largest tensor.</summary>
    public long LargestBytes { get; private set; }

    public IReadOnlyDictionary<CallKey, List<double>> Seconds => _seconds;

    public void OnStart(in OperatorCall call) => _start = Stopwatch.GetTimestamp();

    public void OnEnd(in OperatorCall call)
    {
        if (!IsOn)
            return;
        var elapsed = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var key = new CallKey(call.Name, call.Flops, call.Bytes);
        if (!_seconds.TryGetValue(key, out var list))
            _seconds[key] = list = [];
        list.Add(elapsed);
    }

    public void OnAllocate(in Allocation allocation) => LargestBytes = Math.Max(LargestBytes, allocation.Bytes);

    public void OnRelease(in Allocation allocation)
    {
    }
}
