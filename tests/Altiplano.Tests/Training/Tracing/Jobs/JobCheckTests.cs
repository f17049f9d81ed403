using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Tests.Training.Tracing.Jobs;

public sealed class JobCheckTests
{
    private static readonly Layout Four = new() { Pp = 2, Tp = 2, MicroBatchSize = 2 };

    /// <summary>The argument for classes, tried on every rank of every layout of the self test.</summary>
    [Fact]
    public void Classes_OfTheWholeGrid_HaveEqualProgramsOnEveryRank()
    {
        foreach (var trial in TrialLayout.Grid(16))
        {
            var setting = TracedTrials.SettingOf(trial);
            var classes = RankClasses.Of(setting);
            var programs = new RankProgram?[classes.All.Count];
            for (var rank = 0; rank < trial.Mesh.World; rank++)
            {
                var program = RankProgram.Of(ShapeStep.Run(setting, rank), rank);
                (programs[classes.Of(rank)] ??= program).ShouldBe(program, $"{trial}, rank {rank}");
            }
        }
    }

    [Fact]
    public void Run_TheWholeGrid_FindsNothing()
    {
        foreach (var trial in TrialLayout.Grid(16))
            JobCheck.Run(TracedTrials.SettingOf(trial), threads: 1).Problems.ShouldBeEmpty(trial.ToString());
    }

    /// <summary>Any one operation left out, or of another size, on one rank.</summary>
    [Theory]
    [InlineData(FaultKind.Drop)]
    [InlineData(FaultKind.Resize)]
    public void Run_AnyOperationOfOneRankBroken_NamesTheRank(FaultKind kind)
    {
        var setting = TracedTrials.SettingOf(Four);
        var program = RankProgram.Of(ShapeStep.Run(setting, 3), 3);
        for (var operation = 0; operation < program.Operations.Length; operation++)
        {
            var report = JobCheck.Run(setting, threads: 1, new PlantedFault(3, kind, operation));

            report.Problems.ShouldNotBeEmpty($"operation {operation}");
            report.Problems[0].ShouldContain("rank 3 (pp 1, tp 1)");
            report.Classes.Count(one => one.Ranks.Fingerprint.IsBroken).ShouldBe(1);
        }
    }
}
