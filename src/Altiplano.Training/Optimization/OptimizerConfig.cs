using Altiplano.Planning;

namespace Altiplano.Training.Optimization;

/// <summary>How the learning rate falls after the warm-up.</summary>
public enum LrSchedule
{
    /// <summary>Half a cosine from lr to min_lr.</summary>
    Cosine,
    /// <summary>A straight line from lr to min_lr.</summary>
    Linear,
    /// <summary>Warm-up, stable, decay: lr until the last decay_steps, then a straight line to min_lr.</summary>
    Wsd,
}

/// <summary>Decay rates of Adam's running mean and of its running mean square.</summary>
public readonly record struct AdamBetas(double Mean, double Square);

/// <summary>
/// AdamW with decoupled weight decay (none on norms), its learning rate over the run, and clipping by global norm.
/// </summary>
public sealed record OptimizerConfig
{
    public double Lr { get; init; } = 3e-4;
    public double MinLr { get; init; }
    public int WarmupSteps { get; init; }
    public LrSchedule LrSchedule { get; init; } = LrSchedule.Cosine;

    /// <summary>Steps of the decay of <see cref="LrSchedule.Wsd"/>; left to us, a tenth of the run.</summary>
    public OrAuto<int> DecaySteps { get; init; }

    public double WeightDecay { get; init; } = 0.1;
    public AdamBetas Betas { get; init; } = new(0.9, 0.95);
    public double Eps { get; init; } = 1e-8;

    /// <summary>Gradients with a larger global norm are scaled down to it; infinity never clips.</summary>
    public double MaxGradNorm { get; init; } = 1.0;

    /// <summary>Every contradiction among the settings, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new List<string>();
        if (MinLr > Lr)
            problems.Add($"{path}.min_lr is {Number(MinLr)}, but it must not exceed lr, which is {Number(Lr)}.");
        if (LrSchedule != LrSchedule.Wsd && !DecaySteps.IsAuto)
        {
            problems.Add($"{path}.decay_steps is {DecaySteps}, but only lr_schedule: wsd has a decay of its own. " +
                "Remove decay_steps, or use lr_schedule: wsd.");
        }

        return problems;
    }

    /// <summary>Every setting that a run of <paramref name="steps"/> steps has no room for.</summary>
    public IReadOnlyList<string> FindProblemsIn(long steps, string path)
    {
        var problems = new List<string>();
        if (WarmupSteps > steps)
            problems.Add($"{path}.warmup_steps is {WarmupSteps}, but the run has {steps} steps. Use {steps} or fewer.");
        else if (WarmupSteps + DecaySteps.Or(0) > steps)
        {
            problems.Add($"{path}.decay_steps is {DecaySteps}, but the run has {steps} steps, {WarmupSteps} of them warm-up. " +
                $"Use {steps - WarmupSteps} or fewer.");
        }

        return problems;
    }

    private static string Number(double value) => value.ToString("R").ToLowerInvariant();
}
