using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel.SelfTest;
using Altiplano.Training.Tracing;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Tests.Training.Tracing.Jobs;

public sealed class JobCheckTests
{
    private static readonly Layout Four = new() { Pp = 2, Tp = 2, MicroBatchSize = 2 };

    /// <summary>A dense model, and a mixture of experts.</summary>
    public static TheoryData<bool> Models => [false, true];

    /// <summary>The argument for classes, tried on every rank of every layout of the self test.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Classes_OfTheWholeGrid_HaveEqualProgramsOnEveryRank(bool isMixture)
    {
        foreach (var (trial, setting) in Grid(isMixture))
        {
            var classes = RankClasses.Of(setting);
            var programs = new RankProgram?[classes.All.Count];
            for (var rank = 0; rank < trial.Mesh.World; rank++)
            {
                var program = RankProgram.Of(ShapeStep.Run(setting, rank), rank);
                (programs[classes.Of(rank)] ??= program).ShouldBe(program, $"{trial}, rank {rank}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Run_TheWholeGrid_FindsNothing(bool isMixture)
    {
        foreach (var (trial, setting) in Grid(isMixture))
            JobCheck.Run(setting, threads: 1).Problems.ShouldBeEmpty(trial.ToString());
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

    [Fact]
    public void Run_AFaultOnARankThatIsNot_IsRefused() =>
        Should.Throw<ConfigException>(() => JobCheck.Run(TracedTrials.SettingOf(Four), 1, new PlantedFault(4, FaultKind.Drop, 0)))
            .Message.ShouldBe("The fault is on rank 4, but the job has 4 ranks. Use 3 or less.");

    [Fact]
    public void Run_AFaultInAnOperationThatIsNot_IsRefused()
    {
        var last = RankProgram.Of(ShapeStep.Run(TracedTrials.SettingOf(Four), 3), 3).Operations.Length - 1;

        Should.Throw<ConfigException>(() => JobCheck.Run(TracedTrials.SettingOf(Four), 1, new PlantedFault(3, FaultKind.Drop, last + 1)))
            .Message.ShouldBe($"The fault is in operation {last + 1} of rank 3, but for this kind it must be from 0 to {last}. Use {last} or less.");
    }

    [Theory]
    [InlineData("3:drop")]
    [InlineData("3:lose:7")]
    [InlineData("-1:drop:7")]
    public void Parse_NoFault_IsRefused(string text) =>
        Should.Throw<ConfigException>(() => PlantedFault.Parse("--plant", text)).Message.ShouldBe(
            $"--plant is \"{text}\", but it must be RANK:KIND:N with a rank, one of drop, resize, swap, and the number of an operation " +
            "of that rank, from 0. Use for example 3:drop:7.");

    private static IEnumerable<(TrialLayout Trial, StepSetting Setting)> Grid(bool isMixture)
    {
        var spec = isMixture ? new TrialSpec { Architecture = TrialSpec.MixtureOfExperts } : new TrialSpec();
        return spec.Layouts(16).Select(trial => (trial, TracedTrials.SettingOf(spec, trial)));
    }
}
