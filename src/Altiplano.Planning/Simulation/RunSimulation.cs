using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Simulation;

/// <summary>Plays one run: jumps from event to event; all between two of them is arithmetic.</summary>
/// <remarks>Nothing fails while the run waits for a spare: idle machines break less, and the closed form says so too.</remarks>
internal sealed class RunSimulation
{
    private const int Stream = 0;

    private readonly SimulatedRunSpec _spec;
    private readonly RecoveryPolicy _policy;
    private readonly FailureTable _table;
    private readonly RunTimeline? _timeline;
    private readonly RunClock _clock;
    private readonly ServerPool _servers;
    private readonly long[] _failures;
    private readonly long _seed;
    private CounterRandom _random;
    private CheckpointCycle _cycle;
    private double _failureAt;
    private double _lostWork;
    private bool _hasMemory = true;

    /// <param name="timeline">Filled with the story of the run; null for the figures alone.</param>
    public RunSimulation(SimulatedRunSpec spec, FailureTable table, long seed, RunTimeline? timeline)
    {
        (_spec, _policy, _table, _seed, _timeline) = (spec, spec.Policy, table, seed, timeline);
        _clock = new RunClock(timeline);
        _servers = new ServerPool(spec, seed);
        _failures = new long[spec.Rates.Components.Length];
        _random = new CounterRandom(seed, Stream);
        _cycle = new CheckpointCycle(spec);
    }

    /// <summary>Plays the run to its end.</summary>
    public SimulatedRun Play()
    {
        var target = _spec.Steps * _spec.StepTime.Value ?? double.PositiveInfinity;
        var limit = _spec.Duration?.Value ?? double.PositiveInfinity;
        _failureAt = NextFailure();
        while (true)
        {
            var next = Math.Min(Math.Min(_failureAt, _servers.NextTime), _clock.OutageEnd);
            var finish = _clock.IsTraining ? _clock.Now + _cycle.TimeToReach(target, _servers.Speed) : double.PositiveInfinity;
            if (Math.Min(finish, limit) <= next)
            {
                AdvanceTo(Math.Min(finish, limit));
                return Result(finish <= limit ? target : _cycle.Work);
            }

            AdvanceTo(next);
            HappenAt(next);
        }
    }

    private void AdvanceTo(double time)
    {
        if (_clock.IsTraining)
            _cycle.Advance(_clock.Now, time - _clock.Now, _servers.Speed, _timeline);
        _clock.AdvanceTo(time);
    }

    private void HappenAt(double time)
    {
        if (time == _clock.OutageEnd)
        {
            _clock.EndOutage();
            _hasMemory = true;
            Note("training");
        }
        else if (time == _failureAt)
        {
            Fail();
        }
        else
        {
            React(_servers.Take(time));
        }
    }

    private void Fail()
    {
        _failureAt = NextFailure();
        var (component, kind) = _table.Draw(ref _random);
        if (kind != FailureKind.Corrupting && StrikesAnAbsentReplica())
            return;
        _failures[component]++;
        _hasMemory &= kind == FailureKind.Kept;
        var lost = _cycle.RollBack(_clock.Now, !_hasMemory);
        _lostWork += lost;
        if (kind != FailureKind.Kept)
            _servers.Lose(_clock.Now);
        Note("failure", _spec.Rates.Components[component].Component, lost);
        if (_policy.DropsReplicas && (kind != FailureKind.Corrupting || _servers.HasNoSpare))
            _servers.DropReplica(_clock.Now, Outage.OfAll(_policy, kind).Length, kind != FailureKind.Kept);
        Stop(_policy.DropsReplicas ? Outage.OfDrop(_policy, kind, _spec.Interval.Value) : Outage.OfAll(_policy, kind, _hasMemory));
    }

    private bool StrikesAnAbsentReplica() =>
        _servers.AbsentReplicas > 0 && _random.NextUniform() * _spec.Replicas <= _servers.AbsentReplicas;

    private void React(MachineEvent happening)
    {
        Note(happening switch
        {
            MachineEvent.ServerRepaired => "repaired",
            MachineEvent.ReplicaBack => "replica_back",
            MachineEvent.ServerTurnsSlow => "slow_server",
            _ => "slow_server_removed",
        });
        if (happening == MachineEvent.ServerRepaired && _clock.IsWaiting && !_servers.IsShort)
        {
            _clock.EndWaiting();
            _failureAt = NextFailure();
        }
        else if (happening == MachineEvent.SlowServerRemoved && !_policy.DropsReplicas)
        {
            TakeOutSlowServer();
        }
    }

    private void TakeOutSlowServer()
    {
        if (_clock.IsTraining)
        {
            _cycle.Save();
            Stop(Outage.Planned(_policy));
        }
        else if (_servers.IsShort && !_clock.IsWaiting)
        {
            Wait();
        }
    }

    private void Stop(in Outage outage)
    {
        _clock.BeginOutage(outage);
        if (_servers.IsShort)
            Wait();
    }

    private void Wait()
    {
        _clock.BeginWaiting();
        _failureAt = double.PositiveInfinity;
        Note("waiting");
    }

    private double NextFailure() => _clock.Now + _random.NextExponential(_table.MeanSeconds);

    private void Note(string kind, FailureComponent? component = null, double lost = 0) => _timeline?.Add(new RunEvent(
        new Seconds(_clock.Now), kind, component, new Seconds(lost), _servers.InRepair, new Seconds(_cycle.Work)));

    private SimulatedRun Result(double work)
    {
        _clock.Close();
        Note("end");
        var (saving, checkpoints) = _policy.DropsReplicas ? SavingBesideSteps() : (_cycle.BlockedSeconds, _cycle.Checkpoints);
        return new SimulatedRun
        {
            Seed = _seed,
            Wall = new Seconds(_clock.Now),
            Work = new Seconds(work),
            Steps = (long)Math.Floor((work / _spec.StepTime.Value) + 1e-6),
            LostWork = new Seconds(_lostWork),
            Saving = new Seconds(saving),
            Recovery = new Seconds(_clock.InVain + _clock.Detection + _clock.Restart),
            Waiting = new Seconds(_clock.Waiting),
            Checkpoints = checkpoints,
            Failures = [.. _failures],
            SlowServers = _servers.SlowServersRemoved,
            Energy = Energy(saving),
        };
    }

    /// <summary>Checkpoints of a run whose state to go back to is the step: they only slow it down.</summary>
    private (double Saving, long Checkpoints) SavingBesideSteps()
    {
        var cycle = (_spec.Interval + _policy.CheckpointBlocking).Value;
        return (_clock.Training * _policy.CheckpointBlocking.Value / cycle, (long)(_clock.Training / cycle));
    }

    /// <remarks>The GPUs of an absent replica count as those of the others.</remarks>
    private double Energy(double saving)
    {
        var power = _spec.Power;
        var perGpu = ((_clock.Training - saving + _clock.InVain) * power.Training) + (saving * power.Checkpoint) +
            (_clock.Detection * power.Communication) + (_clock.Restart * power.Restart) + (_clock.Waiting * power.Idle);
        return (perGpu * _spec.Scale.Gpus) + (_clock.Now * _spec.Spares * _spec.GpusPerServer * power.Idle);
    }
}
