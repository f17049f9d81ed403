namespace Altiplano.Planning.Reliability;

/// <summary>
/// How much of its time a run trains for good, as a function of checkpoint interval and spares, in closed form. No method
/// allocates.
/// </summary>
/// <remarks>
/// Exact for exponential times between failures that also strike during recovery, with one recovery time a class of failure:
/// the factor e^(-R/M) of <see cref="CheckpointFormulas.EffectiveRatio"/> becomes its mean over the classes, and a checkpoint
/// that is written for W seconds in the background multiplies by e^(-W/M). Waiting for repairs is independent of both.
/// </remarks>
public readonly struct GoodputModel
{
    private readonly RecoveryPolicy _policy;
    private readonly StragglerRates? _stragglers;
    private readonly RunScale _scale;
    private readonly FailureClasses _failures;
    private readonly double _stragglersPerSecond;

    public GoodputModel(FailureRates rates, RecoveryPolicy policy, RunScale scale, StragglerRates? stragglers = null)
    {
        _policy = policy;
        _stragglers = stragglers;
        _scale = scale;
        _failures = rates.Of(scale.Servers, scale.GpusPerServer);
        _stragglersPerSecond = stragglers is null ? 0 : stragglers.Rate.PerServerSecond(scale.GpusPerServer) * scale.Servers;
    }

    /// <summary>Servers that train.</summary>
    public int Servers => _scale.Servers;

    /// <summary>Seconds between failures.</summary>
    public double MeanTimeBetweenFailures => 1 / _failures.Total;

    /// <summary>Mean number of servers in repair.</summary>
    public double RepairLoad => (_failures.ServerLoss + _stragglersPerSecond) * _policy.Repair.Value;

    /// <summary>Share of the wall-clock time that trains for good.</summary>
    /// <param name="interval">Seconds of training between two checkpoints.</param>
    public double EffectiveTime(double interval, int spares) => Shares(interval, spares).Training;

    /// <summary>Where the time goes.</summary>
    public GoodputShares Shares(double interval, int spares) => _policy.DropsReplicas
        ? DroppingShares(interval, SparePool.MeanUncovered(spares, RepairLoad, _scale.Replicas))
        : SynchronousShares(interval, SparePool.WaitingShare(spares, RepairLoad));

    /// <summary>The interval that trains most, in seconds: never below one step, nor below the time of a background write.</summary>
    /// <remarks>
    /// No more than a day; and no more than an hour where replicas are dropped, since the checkpoint then serves only what is
    /// not modelled, such as the outage of a site.
    /// </remarks>
    public double BestInterval()
    {
        var least = Math.Max(_scale.StepSeconds, _policy.LeastInterval);
        var hasMemory = _policy is { Source: RestartSource.Memory, DropsReplicas: false };
        var smooth = hasMemory ? Math.Max(least, (_policy.CheckpointWrite - _policy.CheckpointBlocking).Value) : least;
        var most = Math.Max(smooth, _policy.DropsReplicas ? 3600 : Math.Min(MeanTimeBetweenFailures, 86_400));
        var best = GoldenSection.Maximum(
            smooth, most, this, static (in GoodputModel model, double interval) => model.WithoutSpareLosses(interval));
        return hasMemory ? BestOfMemory(least, best) : best;
    }

    /// <summary>
    /// Below the time of a write to disk, the best intervals are those whose checkpoints on disk come back to back: a whole
    /// number of intervals each.
    /// </summary>
    private double BestOfMemory(double least, double best)
    {
        var bestValue = WithoutSpareLosses(best);
        for (var perDisk = 1; ; perDisk++)
        {
            var interval = (_policy.CheckpointWrite.Value / perDisk) - _policy.CheckpointBlocking.Value;
            var value = interval < least ? double.NegativeInfinity : WithoutSpareLosses(interval);
            if (value < bestValue && perDisk > 1)
                return best;
            if (value >= bestValue)
                (best, bestValue) = (interval, value);
        }
    }

    /// <summary>The number of spares with the most training for each server, spares counted.</summary>
    public int BestSpares(double interval)
    {
        var (servers, load) = (_scale.Servers, RepairLoad);
        var most = (int)Math.Min(1e6, load + (12 * Math.Sqrt(load)) + 20);
        if (_policy.DropsReplicas)
            return BestSparesOfReplicas(interval, most);
        var (best, bestValue, waiting) = (0, 0.0, 1.0);
        for (var spares = 0; spares <= most; spares++)
        {
            waiting = SparePool.NextBlocking(waiting, spares + 1, load);
            var value = (1 - waiting) * servers / (servers + spares);
            if (value > bestValue)
                (best, bestValue) = (spares, value);
        }

        return best;
    }

    /// <summary>The same by halving: what one more spare saves falls with each.</summary>
    private int BestSparesOfReplicas(double interval, int most)
    {
        var (low, high) = (0, most);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (PerServer(interval, middle + 1) > PerServer(interval, middle))
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private double PerServer(double interval, int spares) =>
        EffectiveTime(interval, spares) * _scale.Servers / (_scale.Servers + spares);

    private double WithoutSpareLosses(double interval) =>
        (_policy.DropsReplicas ? DroppingShares(interval, 0) : SynchronousShares(interval, 0)).Training;

    private GoodputShares SynchronousShares(double interval, double waiting)
    {
        var (overhead, speed) = (_policy.CheckpointBlocking.Value / interval, StragglerSpeed());
        var stops = 1 / (1 + (_stragglersPerSecond * PlannedStop));
        var survival = MeanSurvival(_failures.Total);
        var runs = (1 - waiting) * stops;
        var ratio = _failures.Total == 0 ? 1 / (1 + overhead) : SynchronousRatio(interval);
        return new GoodputShares
        {
            Training = runs * ratio * speed,
            Stragglers = (runs * ratio * (1 - speed)) + ((1 - waiting) * (1 - stops)),
            Checkpoints = runs * ratio * overhead,
            Recovery = runs * (1 - survival),
            LostWork = runs * Math.Max(0, survival - (ratio * (1 + overhead))),
            Waiting = waiting,
        };
    }

    private double SynchronousRatio(double interval)
    {
        var (mean, blocking, write) = (MeanTimeBetweenFailures, _policy.CheckpointBlocking.Value, _policy.CheckpointWrite.Value);
        if (_policy.Source != RestartSource.Memory)
        {
            return interval * MeanSurvival(_failures.Total) * Math.Exp(-write / mean)
                / (mean * CheckpointFormulas.Expm1((interval + blocking) / mean));
        }

        var lost = (_failures.Lost * Math.Exp(-_policy.LostRecovery / mean)) +
            (_failures.Corrupting * Math.Exp(-_policy.CorruptionRecovery / mean));
        var survival = new RecoverySurvival(
            Math.Exp(-_policy.KeptRecovery / mean),
            _failures.ServerLoss == 0 ? 1 : lost / _failures.ServerLoss,
            (lost + (_failures.Kept * Math.Exp(-_policy.KeptDiskRecovery / mean))) * mean);
        return TwoLevelCheckpoints.EffectiveRatio(_failures, interval, blocking, _policy.CheckpointsPerDisk(interval), survival) *
            Math.Exp(-write * _failures.ServerLoss);
    }

    /// <summary>Chance that a recovery is not struck by a failure, mean over the classes of failure.</summary>
    private double MeanSurvival(double rate) => rate == 0
        ? 1
        : ((_failures.Kept * Math.Exp(-rate * _policy.KeptRecovery)) +
            (_failures.Lost * Math.Exp(-rate * _policy.LostRecovery)) +
            (_failures.Corrupting * Math.Exp(-rate * _policy.CorruptionRecovery))) / rate;

    /// <remarks>
    /// A replica is up for d / lambda and then out for its recovery, less the stall that all share; every failure stalls all
    /// of them and loses the step in flight. A corruption spreads through the gradients: all go back half an interval.
    /// </remarks>
    private GoodputShares DroppingShares(double interval, double uncovered)
    {
        var stall = _policy.DropStall;
        var outSeconds = (_failures.Kept * Math.Max(0, _policy.KeptRecovery - stall)) +
            (_failures.Lost * Math.Max(0, _policy.LostRecovery - stall)) +
            (_stragglersPerSecond * (_policy.Replacement + _policy.Restart).Value);
        var present = Math.Max(0, (1 / (1 + (outSeconds / _scale.Replicas))) - (uncovered / _scale.Replicas));
        var strikes = (_failures.Kept + _failures.Lost) * present;
        var rate = strikes + _failures.Corrupting;
        var survival = rate == 0 ? 1 : ((strikes * Math.Exp(-rate * stall)) +
            (_failures.Corrupting * Math.Exp(-rate * (_policy.CorruptionRecovery + (interval / 2))))) / rate;
        var ratio = survival * (rate == 0 ? 1 : _scale.StepSeconds * rate / CheckpointFormulas.Expm1(_scale.StepSeconds * rate));
        var (saving, speed) = (_policy.CheckpointBlocking.Value / (interval + _policy.CheckpointBlocking.Value), StragglerSpeed());
        return new GoodputShares
        {
            Training = present * ratio * (1 - saving) * speed,
            Stragglers = present * ratio * (1 - saving) * (1 - speed),
            Checkpoints = present * ratio * saving,
            Recovery = present * (1 - survival),
            LostWork = present * (survival - ratio),
            DroppedReplicas = 1 - present,
        };
    }

    /// <summary>Speed of the run, mean over the time in which one or more servers are slow; their number is Poisson.</summary>
    private double StragglerSpeed() => _stragglers is null
        ? 1
        : 1 - (_stragglers.Slowdown * (1 - Math.Exp(-_stragglersPerSecond * _stragglers.Removal.Value)));

    /// <summary>Seconds to take a slow server out: nothing is lost, since a checkpoint comes first.</summary>
    private double PlannedStop =>
        (_policy.CheckpointBlocking + _policy.CheckpointWrite + _policy.Replacement + _policy.Restart).Value;
}
