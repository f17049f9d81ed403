using Altiplano.Planning.Units;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Tests.Training.Loop.Metrics;

/// <summary>Steps of a run that never was.</summary>
internal static class SampleSteps
{
    public static StepMetrics At(long step) => new()
    {
        Step = step,
        TokensSeen = step * 8192,
        TrainLoss = 3.14767,
        GradNorm = 0.5141,
        Lr = 1e-4,
        StepTime = TimeSpan.FromSeconds(1.5),
        TokensPerSecond = 5761.6,
        Throughput = new FlopsPerSecond(145.2e9),
        Mfu = 0.78,
        PeakMemory = new Bytes(1_288_490_188),
    };

    public static StepMetrics ValidatedAt(long step) => At(step) with
    {
        Validation = [new ValidationResult("val", 3.2011, 1.20341), new ValidationResult("val_members", 2.9987, null)],
    };
}
