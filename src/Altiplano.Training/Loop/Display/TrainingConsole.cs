using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Display;

/// <summary>Shows a run as it goes: a bar with the time left, a line every so many steps, a line at every validation.</summary>
/// <param name="logEvery">Steps between lines; the first and the last step print theirs in any case.</param>
public sealed class TrainingConsole(ProgressConsole console, ConsoleScale scale, int logEvery, long startStep, TimeProvider time)
{
    private readonly StepRate _rate = new(time, startStep);

    public void Show(StepMetrics step)
    {
        _rate.Observe(step.Step);
        var eta = _rate.Remaining(scale.TotalSteps);
        console.Show((double)step.Step / scale.TotalSteps, $"step {step.Step}/{scale.TotalSteps}  eta {DurationText.Of(eta ?? default)}");
        if (step.Step % logEvery == 0 || step.Step == startStep + 1 || step.Step == scale.TotalSteps)
            console.WriteLine(ConsoleLine.Of(step, scale, eta));
        if (step.Validation.Count > 0)
            console.WriteLine(ConsoleLine.OfValidation(step, scale));
    }
}
