using Altiplano.Distributed;
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

    /// <summary>Any one operation left out, or of another size, on one rank of a dense model or a mixture.</summary>
    [Theory]
    [InlineData(FaultKind.Drop, false)]
    [InlineData(FaultKind.Resize, false)]
    [InlineData(FaultKind.Drop, true)]
    [InlineData(FaultKind.Resize, true)]
    public void Run_AnyOperationOfOneRankBroken_NamesTheRank(FaultKind kind, bool isMixture)
    {
        var setting = isMixture ? OfFourExpertRanks : TracedTrials.SettingOf(Four);
        var name = RankName.Of(setting.Layout.Mesh, 3);
        var program = RankProgram.Of(ShapeStep.Run(setting, 3), 3);
        for (var operation = 0; operation < program.Operations.Length; operation++)
        {
            var report = JobCheck.Run(setting, threads: 1, new PlantedFault(3, kind, operation));

            report.Problems.ShouldNotBeEmpty($"operation {operation}");
            report.Problems[0].ShouldContain(name);
            report.Classes.Count(one => one.Ranks.Fingerprint.IsBroken).ShouldBe(1);
        }
    }

    /// <summary>What hangs, or moves other bytes than the other side, is told by looking at each of the four ranks on its own.</summary>
    [Fact]
    public void Run_AnyTwoOperationsOfOneRankSwapped_FindsWhatARankByRankCheckFinds()
    {
        var setting = TracedTrials.SettingOf(Four);
        var programs = Enumerable.Range(0, 4).Select(rank => RankProgram.Of(ShapeStep.Run(setting, rank), rank)).ToList();
        var (operations, numFound) = (programs[3].Operations, 0);
        for (var operation = 0; operation < operations.Length - 1; operation++)
        {
            var fault = new PlantedFault(3, FaultKind.Swap, operation);
            var isBroken = IsBroken(setting, [.. programs.Take(3), fault.ApplyTo(programs[3])]);

            var problems = JobCheck.Run(setting, threads: 1, fault).Problems;

            (problems.Count > 0).ShouldBe(isBroken, $"operation {operation}");
            if (!operations[operation].IsMessage && operations[operation].Axis == operations[operation + 1].Axis)
                isBroken.ShouldBe(operations[operation] != operations[operation + 1], $"operation {operation}");
            numFound += problems.Count(problem => problem.Contains("rank 3 (pp 1, tp 1)", StringComparison.Ordinal));
        }

        numFound.ShouldBeGreaterThan(operations.Length / 4);
    }

    [Fact]
    public void Run_AllToAllThatSendsMoreThanIsExpected_NamesBothRanks()
    {
        var operations = RankProgram.Of(ShapeStep.Run(OfFourExpertRanks, 3), 3).Operations;
        var exchange = operations.First(op => op.Kind == CollectiveKind.AllToAll);

        var problems = JobCheck.Run(OfFourExpertRanks, threads: 1, new PlantedFault(3, FaultKind.Resize, operations.IndexOf(exchange))).Problems;

        problems.ShouldHaveSingleItem().ShouldBe(
            $"Collective #0 on axis ep is an all-to-all in which rank 3 (dp_shard 1, tp 1) sends {exchange.Exchange!.Sent[0] + 8} bytes to " +
            $"rank 1 (dp_shard 0, tp 1), which expects {exchange.Exchange.Sent[0]}.");
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

    private static StepSetting OfFourExpertRanks => TracedTrials.SettingOf(
        new TrialSpec { Architecture = TrialSpec.MixtureOfExperts }, new Layout { DpShard = 2, Tp = 2, Ep = 2, MicroBatchSize = 2 });

    private static bool IsBroken(StepSetting setting, RankProgram[] ofRanks)
    {
        var programs = new JobPrograms(ofRanks);
        var groups = JobGroups.Of(setting.Layout.Mesh).ByAxis;
        List<GroupPattern> alone =
            [.. programs.Axes.SelectMany(axis => groups[axis].Select(group => new GroupPattern(axis, group, [.. Enumerable.Range(0, group.Count).Select(i => group[i])], 1)))];
        return alone.Any(group => new GroupCheck(programs, group, rank => $"rank {rank}").FindProblems().Any())
            || new JobExecution(programs, alone).FindDeadlock() is not null;
    }

    private static IEnumerable<(TrialLayout Trial, StepSetting Setting)> Grid(bool isMixture)
    {
        var spec = isMixture ? new TrialSpec { Architecture = TrialSpec.MixtureOfExperts } : new TrialSpec();
        return spec.Layouts(16).Select(trial => (trial, TracedTrials.SettingOf(spec, trial)));
    }
}
