using System.Globalization;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Display;

/// <summary>What the numbers of a console line are compared with.</summary>
/// <param name="Peak">The most that one device reaches; null where it is not known.</param>
/// <param name="PeakOrigin">What kind of peak: <c>fp32 measured</c>.</param>
/// <param name="DeviceMemory">All memory of one device.</param>
public sealed record ConsoleScale(long TotalSteps, FlopsPerSecond? Peak, string PeakOrigin, Bytes DeviceMemory);

/// <summary>The line that a step prints.</summary>
public static class ConsoleLine
{
    /// <returns>
    /// <c>step 1000/20000 | loss 3.1477 | gnorm 0.514 | lr 1.0e-04 | 5,762 tok/s | 290 GFLOP/s | mfu 78% (of 186 GFLOP/s fp32 measured)
    /// | mem 1.2GiB (5%) | eta 3d04h</c>; parts that are not known are left out.
    /// </returns>
    public static string Of(StepMetrics step, ConsoleScale scale, TimeSpan? eta) => string.Join(" | ", Parts(step, scale, eta));

    /// <returns><c>step 1000/20000 | val loss 3.2011, 1.2034 bpb | val_members loss 2.9987</c></returns>
    public static string OfValidation(StepMetrics step, ConsoleScale scale) => string.Join(" | ",
    [
        $"step {step.Step}/{scale.TotalSteps}",
        .. step.Validation.Select(v => $"{v.Name} loss {Metric.ValidationLoss(v.Name).Show(v.Loss)}" +
            (v.BitsPerByte is { } bits ? $", {Metric.ValidationBitsPerByte(v.Name).Show(bits)} bpb" : "")),
    ]);

    private static IEnumerable<string> Parts(StepMetrics step, ConsoleScale scale, TimeSpan? eta)
    {
        yield return $"step {step.Step}/{scale.TotalSteps}";
        yield return $"loss {Metric.TrainLoss.Show(step.TrainLoss)}";
        yield return $"gnorm {Metric.GradNorm.Show(step.GradNorm)}";
        yield return $"lr {Metric.Lr.Show(step.Lr)}";
        yield return $"{Metric.TokensPerSecond.Show(step.TokensPerSecond)} tok/s";
        yield return step.Throughput.ToString();
        if (step.Mfu is { } mfu && scale.Peak is { } peak)
            yield return $"mfu {Percent(mfu)} (of {peak} {scale.PeakOrigin})";
        yield return $"mem {step.PeakMemory} ({Percent((double)step.PeakMemory.Value / scale.DeviceMemory.Value)})";
        if (step.PowerW is { } watts)
            yield return $"{Metric.PowerW.Show(watts)} W";
        if (eta is { } remaining)
            yield return $"eta {DurationText.Of(remaining)}";
    }

    private static string Percent(double share) => share.ToString("0%", CultureInfo.InvariantCulture);
}
