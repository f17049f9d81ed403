namespace Altiplano.Planning.Simulation;

/// <summary>What is bound to happen to the machines of a run.</summary>
internal enum MachineEvent
{
    ServerRepaired,
    ReplicaBack,
    ServerTurnsSlow,
    SlowServerRemoved,
}

/// <summary>Events in order of time, those of one instant in the order in which they were added.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<MachineEvent, Key> _events = new();
    private long _added;

    /// <summary>Time of the next event; endless where there is none.</summary>
    public double NextTime => _events.TryPeek(out _, out var key) ? key.Time : double.PositiveInfinity;

    public void Add(double time, MachineEvent happening) => _events.Enqueue(happening, new Key(time, _added++));

    public MachineEvent Take() => _events.Dequeue();

    private readonly record struct Key(double Time, long Sequence) : IComparable<Key>
    {
        public int CompareTo(Key other)
        {
            var byTime = Time.CompareTo(other.Time);
            return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
        }
    }
}
