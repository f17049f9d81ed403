using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Simulation;

/// <summary>The servers of a run: which are in repair, slow, or missing in a replica, and what is bound to happen to them.</summary>
internal sealed class ServerPool
{
    private const int Stream = 1;

    private readonly SimulatedRunSpec _spec;
    private readonly RecoveryPolicy _policy;
    private readonly EventQueue _queue = new();
    private readonly double _slowMean;
    private CounterRandom _random;
    private int _slow;
    private int _uncoveredReplicas;

    public ServerPool(SimulatedRunSpec spec, long seed)
    {
        (_spec, _policy, _random) = (spec, spec.Policy, new CounterRandom(seed, Stream));
        if (spec.Stragglers is not { Rate.Count: > 0 } slow)
            return;
        _slowMean = 1 / (slow.Rate.PerServerSecond(spec.GpusPerServer) * spec.Servers);
        _queue.Add(_random.NextExponential(_slowMean), MachineEvent.ServerTurnsSlow);
    }

    public double NextTime => _queue.NextTime;

    public int InRepair { get; private set; }

    public int AbsentReplicas { get; private set; }

    public long SlowServersRemoved { get; private set; }

    /// <summary>True while more servers are in repair than spares can stand in for.</summary>
    public bool HasNoSpare => InRepair > _spec.Spares;

    /// <summary>True while a run that needs all its servers has too few.</summary>
    public bool IsShort => !_policy.DropsReplicas && HasNoSpare;

    /// <summary>Work done in a second of training.</summary>
    public double Speed
    {
        get
        {
            var speed = _slow > 0 ? 1 - _spec.Stragglers!.Slowdown : 1;
            if (!_policy.DropsReplicas)
                return speed;
            var saving = _spec.Interval.Value / (_spec.Interval + _policy.CheckpointBlocking).Value;
            return speed * saving * Math.Max(0, _spec.Replicas - AbsentReplicas) / _spec.Replicas;
        }
    }

    /// <summary>Sends a server to repair.</summary>
    public void Lose(double now)
    {
        InRepair++;
        _queue.Add(now + _random.NextExponential(_policy.Repair.Value), MachineEvent.ServerRepaired);
    }

    /// <summary>Takes a replica out; it is back after its restart, and later where it lacks a server and no spare is left.</summary>
    public void DropReplica(double now, double seconds, bool needsSpare)
    {
        AbsentReplicas++;
        if (needsSpare && HasNoSpare)
            _uncoveredReplicas++;
        else
            _queue.Add(now + seconds, MachineEvent.ReplicaBack);
    }

    /// <summary>Lets the next event happen to the servers, and returns it.</summary>
    public MachineEvent Take(double now)
    {
        var happening = _queue.Take();
        if (happening == MachineEvent.ReplicaBack)
            AbsentReplicas--;
        else if (happening == MachineEvent.ServerRepaired)
            Repair(now);
        else if (happening == MachineEvent.ServerTurnsSlow)
            TurnSlow(now);
        else
            RemoveSlow(now);
        return happening;
    }

    private void Repair(double now)
    {
        InRepair--;
        if (_uncoveredReplicas == 0)
            return;
        _uncoveredReplicas--;
        _queue.Add(now + ReplacedReplicaSeconds, MachineEvent.ReplicaBack);
    }

    private void TurnSlow(double now)
    {
        _slow++;
        _queue.Add(now + _spec.Stragglers!.Removal.Value, MachineEvent.SlowServerRemoved);
        _queue.Add(now + _random.NextExponential(_slowMean), MachineEvent.ServerTurnsSlow);
    }

    private void RemoveSlow(double now)
    {
        _slow--;
        SlowServersRemoved++;
        Lose(now);
        if (_policy.DropsReplicas)
            DropReplica(now, ReplacedReplicaSeconds, needsSpare: true);
    }

    private double ReplacedReplicaSeconds => (_policy.Replacement + _policy.Restart).Value;
}
