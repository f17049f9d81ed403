using Altiplano.Cli;

namespace Altiplano.Tests.Program;

/// <summary><c>selftest</c> as its users run it.</summary>
public sealed class SelfTestTests
{
    [Theory]
    [InlineData("fp64")]
    [InlineData("fp32")]
    public void SelfTest_TwoRanks_EveryLayoutIsAsOneRank(string precision)
    {
        var result = AltiplanoProgram.Run("selftest", "--max-ranks", "2", "--precision", precision).ShouldExitWith(ExitCodes.Done);

        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("36,180 parameters, 4 steps of 8 sequences, " + precision);
        lines.ShouldContain(line => line.StartsWith("dp_shard 2, zero 3 ", StringComparison.Ordinal));
        lines.ShouldContain(line => line.StartsWith("tp 2 ", StringComparison.Ordinal));
        lines[^1].ShouldBe($"{lines.Length - 4} layouts, all as one rank.");
    }

    [Theory]
    [InlineData("1", "--max-ranks is 1, but it counts the ranks of a layout. Use 2 or more.")]
    [InlineData("128", "--max-ranks is 128, but the toy model has work for 64 ranks. Use 64 or fewer.")]
    public void SelfTest_RanksOutOfRange_AreRefused(string ranks, string message) =>
        AltiplanoProgram.Run("selftest", "--max-ranks", ranks).ShouldExitWith(ExitCodes.Usage).Error.ShouldContain(message);
}
