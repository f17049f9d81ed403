using Altiplano.Cli;
using Altiplano.Tests.Distributed.Mpi;

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

    [Fact]
    public void SelfTest_MixtureOnTwoRanks_EveryLayoutIsAsOneRank()
    {
        var result = AltiplanoProgram.Run("selftest", "--model", "moe", "--max-ranks", "2", "--steps", "2").ShouldExitWith(ExitCodes.Done);

        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldContain(line => line.StartsWith("dp_shard 2 x ep 2, zero 3 ", StringComparison.Ordinal));
        lines[^1].ShouldBe("8 layouts, all as one rank.");
    }

    [Theory]
    [InlineData("Open MPI", 2)]
    [InlineData("Open MPI", 4)]
    [InlineData("MPICH", 2)]
    public void SelfTest_Processes_EveryLayoutIsAsOneRank(string family, int ranks)
    {
        var result = MpiJob.Start(family, ranks, AltiplanoProgram.Executable, "selftest", "--mpi", "--steps", "1").ShouldExitWith(ExitCodes.Done);

        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Count(line => line.StartsWith("layout ", StringComparison.Ordinal)).ShouldBe(1);
        lines.ShouldContain(line => line.StartsWith($"cp {ranks} ring, zero 3 ", StringComparison.Ordinal));
        lines[^1].ShouldBe($"{lines.Length - 4} layouts, all as one rank.");
    }

    [Fact]
    public void SelfTest_ThreeProcesses_AreRefusedWithTheLineToUse() => MpiJob.Start("Open MPI", 3, AltiplanoProgram.Executable, "selftest", "--mpi")
        .ShouldExitWith(ExitCodes.Usage).Error.ShouldContain(
            "error: selftest --mpi was started on 3 ranks, but it tries layouts of 2, 4, 8, ... 64. Use mpirun --bind-to none -n 4 altiplano selftest --mpi.");

    [Fact]
    public void SelfTest_ProcessesWithoutMpi_AreRefused() => MpiJob.Start("Open MPI", 2, AltiplanoProgram.Executable, "selftest")
        .ShouldExitWith(ExitCodes.Usage).Error.ShouldContain("without --mpi each would try every layout alone. Add --mpi, or start one process.");

    [Theory]
    [InlineData("1", "--max-ranks is 1, but it counts the ranks of a layout. Use 2 or more.")]
    [InlineData("128", "--max-ranks is 128, but the toy model has work for 64 ranks. Use 64 or fewer.")]
    public void SelfTest_RanksOutOfRange_AreRefused(string ranks, string message) =>
        AltiplanoProgram.Run("selftest", "--max-ranks", ranks).ShouldExitWith(ExitCodes.Usage).Error.ShouldContain(message);
}
