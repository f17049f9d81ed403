using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Simulation;

/// <summary>
/// Training interrupted by checkpoints, advanced by arithmetic: any stretch of time without an event costs the same, however
/// many checkpoints lie in it. Work is counted in seconds of training at full speed.
/// </summary>
internal struct CheckpointCycle
{
    private readonly double _interval;
    private readonly double _blocking;
    private readonly long _perDisk;
    private readonly bool _hasMemory;
    private SavedState _near;
    private SavedState _disk;
    private double _sinceSnapshot;
    private double _blockedLeft;
    private long _sinceDisk;

    /// <summary>The cycle of a run: with a policy that drops replicas, every step is a state to go back to.</summary>
    public CheckpointCycle(SimulatedRunSpec spec)
    {
        var policy = spec.Policy;
        _hasMemory = policy is { Source: RestartSource.Memory, DropsReplicas: false };
        _interval = policy.DropsReplicas ? spec.StepTime.Value : spec.Interval.Value;
        _blocking = policy.DropsReplicas ? 0 : policy.CheckpointBlocking.Value;
        var write = policy.DropsReplicas ? 0 : policy.CheckpointWrite.Value;
        _perDisk = policy.CheckpointsPerDisk(_interval);
        _near = new SavedState(_hasMemory ? 0 : write);
        _disk = new SavedState(write);
    }

    /// <summary>Work done and not undone.</summary>
    public double Work { get; private set; }

    public double BlockedSeconds { get; private set; }

    public long Checkpoints { get; private set; }

    /// <summary>Seconds until the work reaches a target, checkpoints on the way included; endless where it never does.</summary>
    public readonly double TimeToReach(double target, double speed)
    {
        if (speed == 0 || double.IsPositiveInfinity(target))
            return double.PositiveInfinity;
        var left = target - Work;
        var snapshots = Math.Max(0, Math.Ceiling((_sinceSnapshot + left) / _interval) - 1);
        return _blockedLeft + (left / speed) + (snapshots * _blocking);
    }

    /// <summary>Lets the run train and save for a stretch of time.</summary>
    /// <param name="timeline">Told what the run does; null where nobody looks.</param>
    public void Advance(double now, double seconds, double speed, RunTimeline? timeline)
    {
        if (FinishSnapshot(ref now, ref seconds, timeline) && TrainToSnapshot(ref now, ref seconds, speed, timeline))
        {
            var cycle = (_interval / speed) + _blocking;
            var whole = Math.Floor(seconds / cycle);
            if (whole > 0)
                AdvanceCycles(ref now, ref seconds, (long)whole, cycle, timeline);
            _ = FinishSnapshot(ref now, ref seconds, timeline) && TrainToSnapshot(ref now, ref seconds, speed, timeline);
        }
    }

    /// <summary>Takes the run back to what a failure leaves.</summary>
    /// <returns>The work lost.</returns>
    public double RollBack(double now, bool fromDisk)
    {
        var useDisk = fromDisk && _hasMemory;
        var target = useDisk ? _disk.SafeAt(now) : _near.SafeAt(now);
        var lost = Work - target;
        Work = target;
        _near.Reset(target);
        if (useDisk)
        {
            _disk.Reset(target);
            _sinceDisk = 0;
        }

        (_sinceSnapshot, _blockedLeft) = (0, 0);
        return lost;
    }

    /// <summary>Makes the present work safe, as before a planned stop.</summary>
    public void Save()
    {
        _near.Reset(Work);
        _disk.Reset(Work);
        (_sinceSnapshot, _blockedLeft, _sinceDisk) = (0, 0, 0);
    }

    private bool FinishSnapshot(ref double now, ref double seconds, RunTimeline? timeline)
    {
        if (_blockedLeft == 0)
            return seconds > 0;
        var used = Math.Min(_blockedLeft, seconds);
        timeline?.Spend(RunState.Checkpoint, now, used);
        (now, seconds, _blockedLeft, BlockedSeconds) = (now + used, seconds - used, _blockedLeft - used, BlockedSeconds + used);
        if (_blockedLeft == 0)
            TakeSnapshots(1, now, 0);
        return seconds > 0;
    }

    /// <returns>True where the next checkpoint is due within the time.</returns>
    private bool TrainToSnapshot(ref double now, ref double seconds, double speed, RunTimeline? timeline)
    {
        var needed = (_interval - _sinceSnapshot) / speed;
        var used = Math.Min(needed, seconds);
        timeline?.Spend(RunState.Training, now, used);
        now += used;
        if (seconds < needed)
        {
            Work += seconds * speed;
            _sinceSnapshot += seconds * speed;
            seconds = 0;
            return false;
        }

        Work += _interval - _sinceSnapshot;
        (seconds, _sinceSnapshot, _blockedLeft) = (seconds - needed, 0, _blocking);
        if (_blocking == 0)
            TakeSnapshots(1, now, 0);
        return true;
    }

    /// <summary>Whole cycles, each beginning at a checkpoint that is about to stop the run.</summary>
    private void AdvanceCycles(ref double now, ref double seconds, long cycles, double cycle, RunTimeline? timeline)
    {
        timeline?.Repeat(now, cycles, _blocking, cycle - _blocking);
        (now, seconds) = (now + (cycles * cycle), Math.Max(0, seconds - (cycles * cycle)));
        Work += cycles * _interval;
        BlockedSeconds += cycles * _blocking;
        // With blocking checkpoints the one that the last cycle leads to is not taken yet, but the one before the first is.
        var lastTaken = _blocking == 0 ? now : now - (cycle - _blocking);
        TakeSnapshots(cycles, lastTaken, cycle, _blocking == 0 ? Work : Work - _interval);
    }

    private void TakeSnapshots(long count, double at, double cycle) => TakeSnapshots(count, at, cycle, Work);

    private void TakeSnapshots(long count, double at, double cycle, double work)
    {
        Checkpoints += count;
        _near.Save(work, at, count, _interval);
        if (!_hasMemory)
            return;
        var onDisk = (_sinceDisk + count) / _perDisk;
        _sinceDisk = (_sinceDisk + count) % _perDisk;
        if (onDisk > 0)
            _disk.Save(work - (_sinceDisk * _interval), at - (_sinceDisk * cycle), onDisk, _perDisk * _interval);
    }

    /// <summary>The newest checkpoint on one medium, and the one before it while the newest is being written.</summary>
    private struct SavedState(double lag)
    {
        private double _work;
        private double _before;
        private double _at = double.NegativeInfinity;

        /// <param name="count">Checkpoints taken, the last of them now.</param>
        public void Save(double work, double at, long count, double spacing)
        {
            _before = count > 1 ? work - spacing : _work;
            (_work, _at) = (work, at);
        }

        public readonly double SafeAt(double now) => now >= _at + lag ? _work : _before;

        public void Reset(double work) => (_work, _before, _at) = (work, work, double.NegativeInfinity);
    }
}
