using Altiplano.Training.Optimization;

namespace Altiplano.Tests.Training.Optimization;

public sealed class LearningRateTests
{
    private const long TotalSteps = 110;

    private static readonly OptimizerConfig Config = new() { Lr = 1e-2, MinLr = 1e-3, WarmupSteps = 10 };

    [Theory]
    [InlineData(1, 1e-3)]
    [InlineData(5, 5e-3)]
    [InlineData(10, 1e-2)]
    public void At_WarmUp_RisesInAStraightLineToLr(long step, double expected)
    {
        foreach (var schedule in Enum.GetValues<LrSchedule>())
            LearningRate.At(Config with { LrSchedule = schedule }, step, TotalSteps).ShouldBe(expected, 1e-17);
    }

    [Theory]
    [InlineData(LrSchedule.Cosine, 60, 5.5e-3)]
    [InlineData(LrSchedule.Cosine, 35, 8.681980515339464e-3)]
    [InlineData(LrSchedule.Linear, 60, 5.5e-3)]
    [InlineData(LrSchedule.Linear, 11, 9.91e-3)]
    [InlineData(LrSchedule.Wsd, 11, 1e-2)]
    [InlineData(LrSchedule.Wsd, 99, 1e-2)]
    [InlineData(LrSchedule.Wsd, 100, 9.181818181818182e-3)]
    public void At_AfterTheWarmUp_FollowsTheSchedule(LrSchedule schedule, long step, double expected) =>
        LearningRate.At(Config with { LrSchedule = schedule }, step, TotalSteps).ShouldBe(expected, 1e-16);

    [Theory]
    [InlineData(LrSchedule.Cosine)]
    [InlineData(LrSchedule.Linear)]
    [InlineData(LrSchedule.Wsd)]
    public void At_LastStep_IsMinLr(LrSchedule schedule) =>
        LearningRate.At(Config with { LrSchedule = schedule }, TotalSteps, TotalSteps).ShouldBe(1e-3, 1e-17);

    [Theory]
    [InlineData(50, 60, 1e-2)]
    [InlineData(50, 85, 5.5e-3)]
    [InlineData(50, 110, 1e-3)]
    [InlineData(0, 110, 1e-2)]
    public void At_WsdWithDecaySteps_FallsOverThem(int decaySteps, long step, double expected) =>
        LearningRate.At(Config with { LrSchedule = LrSchedule.Wsd, DecaySteps = decaySteps }, step, TotalSteps).ShouldBe(expected, 1e-16);

    [Fact]
    public void At_NoWarmUp_BeginsBesideLr()
    {
        LearningRate.At(Config with { WarmupSteps = 0, LrSchedule = LrSchedule.Linear }, 1, 10).ShouldBe(9.1e-3, 1e-16);
        LearningRate.At(Config with { WarmupSteps = 1, LrSchedule = LrSchedule.Linear }, 1, 1).ShouldBe(1e-2, 1e-16);
    }
}
