namespace Altiplano.Training.Optimization;

/// <summary>The learning rate of each step: a straight line up from 0, then the schedule's way down.</summary>
public static class LearningRate
{
    /// <param name="step">From 1; the warm-up reaches lr at its last step, the schedule min_lr at the run's last step.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    public static double At(OptimizerConfig config, long step, long totalSteps)
    {
        if (step <= config.WarmupSteps)
            return config.Lr * step / config.WarmupSteps;
        var (lr, min) = (config.Lr, config.MinLr);
        return config.LrSchedule switch
        {
            LrSchedule.Cosine => min + (lr - min) * (1 + Math.Cos(Math.PI * Progress(config.WarmupSteps))) / 2,
            LrSchedule.Linear => lr + (min - lr) * Progress(config.WarmupSteps),
            LrSchedule.Wsd => lr + (min - lr) * Progress(totalSteps - config.DecaySteps.Or((int)(totalSteps / 10))),
            _ => throw new ArgumentOutOfRangeException(nameof(config), config.LrSchedule, "is no schedule"),
        };

        double Progress(long start) => step <= start ? 0 : Math.Min(1, (double)(step - start) / Math.Max(1, totalSteps - start));
    }
}
