using Altiplano.Planning.Units;
using Altiplano.Tests.Training.Loop.Metrics;
using Altiplano.Training.Loop.Display;

namespace Altiplano.Tests.Training.Loop.Display;

public sealed class ConsoleLineTests
{
    private static readonly ConsoleScale Scale = new(20_000, new FlopsPerSecond(186e9), "fp32 measured", new Bytes(24L << 30));

    [Fact]
    public void Of_Step_HasWhatPeopleLookFor() =>
        ConsoleLine.Of(SampleSteps.At(1000), Scale, new TimeSpan(3, 4, 59, 0)).ShouldBe(
            "step 1000/20000 | loss 3.1477 | gnorm 0.514 | lr 1.0e-04 | 5,762 tok/s | 145 GFLOP/s | " +
            "mfu 78% (of 186 GFLOP/s fp32 measured) | mem 1.2GiB (5%) | eta 3d04h");

    [Fact]
    public void Of_StepWithoutPeakAndEta_LeavesThemOut() =>
        ConsoleLine.Of(SampleSteps.At(1) with { Mfu = null, PowerW = 350 }, Scale with { Peak = null }, null).ShouldBe(
            "step 1/20000 | loss 3.1477 | gnorm 0.514 | lr 1.0e-04 | 5,762 tok/s | 145 GFLOP/s | mem 1.2GiB (5%) | 350 W");

    [Fact]
    public void OfValidation_Corpora_AreNamed() =>
        ConsoleLine.OfValidation(SampleSteps.ValidatedAt(500), Scale).ShouldBe(
            "step 500/20000 | val loss 3.2011, 1.2034 bpb | val_members loss 2.9987");

    [Theory]
    [InlineData(12, "12s")]
    [InlineData(309, "5m09s")]
    [InlineData(14_820, "4h07m")]
    [InlineData(273_600, "3d04h")]
    public void DurationText_Time_HasTwoUnits(int seconds, string expected) =>
        DurationText.Of(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);
}
