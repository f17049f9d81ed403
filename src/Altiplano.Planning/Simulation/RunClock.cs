namespace Altiplano.Planning.Simulation;

/// <summary>The time of a run and what it was spent on; a new outage replaces what is left of the one before.</summary>
internal sealed class RunClock(RunTimeline? timeline)
{
    private Outage _outage;
    private double _outageStart = double.NaN;
    private double _waitingSince = double.NaN;

    public double Now { get; private set; }

    public bool IsTraining => double.IsNaN(_outageStart) && !IsWaiting;

    public bool IsWaiting => !double.IsNaN(_waitingSince);

    /// <summary>When training goes on; endless while it trains or waits.</summary>
    public double OutageEnd { get; private set; } = double.PositiveInfinity;

    /// <summary>Seconds, stops by checkpoints included.</summary>
    public double Training { get; private set; }

    public double InVain { get; private set; }

    public double Detection { get; private set; }

    public double Restart { get; private set; }

    public double Waiting { get; private set; }

    public void AdvanceTo(double time)
    {
        if (IsTraining)
            Training += time - Now;
        Now = time;
    }

    public void BeginOutage(in Outage outage)
    {
        EndOutage();
        (_outage, _outageStart, OutageEnd) = (outage, Now, Now + outage.Length);
    }

    /// <summary>Books an outage up to now.</summary>
    public void EndOutage()
    {
        if (double.IsNaN(_outageStart))
            return;
        var left = Now - _outageStart;
        InVain += Book(RunState.Corrupted, _outage.InVain, ref left);
        Detection += Book(RunState.Detection, _outage.Detection, ref left);
        Restart += Book(RunState.Restart, double.PositiveInfinity, ref left);
        (_outageStart, OutageEnd) = (double.NaN, double.PositiveInfinity);
    }

    /// <summary>Puts off the outage until <see cref="EndWaiting"/>, when it begins anew.</summary>
    public void BeginWaiting()
    {
        EndOutage();
        _waitingSince = Now;
    }

    public void EndWaiting()
    {
        BookWaiting();
        BeginOutage(_outage);
    }

    /// <summary>Books what is open at the end of a run.</summary>
    public void Close()
    {
        EndOutage();
        if (IsWaiting)
            BookWaiting();
    }

    private void BookWaiting()
    {
        Waiting += Now - _waitingSince;
        timeline?.Spend(RunState.Waiting, _waitingSince, Now - _waitingSince);
        _waitingSince = double.NaN;
    }

    private double Book(RunState state, double most, ref double left)
    {
        var spent = Math.Min(most, left);
        timeline?.Spend(state, Now - left, spent);
        left -= spent;
        return spent;
    }
}
