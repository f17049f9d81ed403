namespace Altiplano.Training.Loop.Display;

/// <summary>How long a step takes of late, validations and checkpoints included, and so how long the rest will.</summary>
/// <remarks>An exponential mean in which half the weight lies on about the last 34 observations.</remarks>
public sealed class StepRate(TimeProvider time, long step)
{
    private const double Memory = 0.98;

    private long _timestamp = time.GetTimestamp();
    private long _step = step;
    private double _seconds;
    private double _steps;

    /// <summary>Notes that <paramref name="step"/> steps are done by now.</summary>
    public void Observe(long step)
    {
        var now = time.GetTimestamp();
        _seconds = _seconds * Memory + time.GetElapsedTime(_timestamp, now).TotalSeconds;
        _steps = _steps * Memory + (step - _step);
        (_timestamp, _step) = (now, step);
    }

    /// <summary>Time until <paramref name="totalSteps"/> steps are done; null before the first observation.</summary>
    public TimeSpan? Remaining(long totalSteps) =>
        _steps > 0 ? TimeSpan.FromSeconds(_seconds / _steps * Math.Max(0, totalSteps - _step)) : null;
}
