using Altiplano.Planning;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Search;

public sealed class PlannerTests
{
    private static PlanRequest Sample => SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(16), 32, 32);

    [Fact]
    public void Plan_SeveralBest_AreOfDifferentMeshesInOrder()
    {
        var best = new Planner(Sample).Plan().Main.Best;

        best.Count.ShouldBe(5);
        best.Select(c => (c.Layout.Tp, c.Layout.Cp, c.Layout.Pp, c.Layout.Ep)).Distinct().Count().ShouldBe(5);
        best.Select(c => c.Score).ShouldBeInOrder();
    }

    [Fact]
    public void Plan_GivenMesh_IsKept()
    {
        var request = Sample with { Fixed = new FixedChoices { Tp = 4, Cp = 1, Pp = 2, DpShard = 2, DpReplicate = 1, Ep = 1 } };

        var best = new Planner(request).Plan().Main.Best;

        best.Count.ShouldBe(5);
        best.ShouldAllBe(c => c.Layout.Tp == 4 && c.Layout.Pp == 2 && c.Layout.DpShard == 2);
    }

    [Fact]
    public void Plan_Phases_AddUpOnOneMesh()
    {
        var request = Sample with { Phases = [new PlanPhase("ramp", 1e8, 1024, 32, 32), new PlanPhase("rest", 9e9, 2048, 32, 32)] };

        var plan = new Planner(request).Plan();

        plan.Phases.Select(p => p.Phase.Name).ShouldBe(["ramp", "rest"]);
        plan.Phases[0].IsReplanned.ShouldBeFalse();
        (plan.Phases[0].Winner.Layout.Tp, plan.Phases[0].Winner.Layout.Pp).ShouldBe((plan.Main.Winner.Layout.Tp, plan.Main.Winner.Layout.Pp));
        plan.GpuHours.ShouldBe(plan.Phases.Sum(p => p.Winner.Layout.World * p.Winner.Run.Seconds / 3600), 1e-9);
        plan.Main.Phase.Name.ShouldBe("rest");
    }

    [Fact]
    public void Plan_PhaseThatTheMeshDoesNotSuit_HasItsOwn()
    {
        // One long sequence a step needs context parallelism; 66 tokens cannot be cut into a head and a tail for each of 2 ranks.
        var request = Sample with
        {
            Phases = [new PlanPhase("ramp", 1e8, 66, 32, 32), new PlanPhase("rest", 9e9, 65536, 1, 1)],
            Fixed = new FixedChoices { Tp = 1 },
        };

        var plan = new Planner(request).Plan();

        plan.Main.Winner.Layout.Cp.ShouldBeGreaterThan(1);
        plan.Phases[0].IsReplanned.ShouldBeTrue();
        plan.Notes.ShouldContain("The phase ramp has a mesh of its own: it does not run on that of the phase rest.");
    }

    [Fact]
    public void Plan_PhaseWhoseBatchIsTooSmall_UsesFewerReplicas()
    {
        var request = Sample with { Phases = [new PlanPhase("ramp", 1e8, 2048, 2, 2), Sample.Phases[0]], Fixed = new FixedChoices { Cp = 1, Pp = 1, Tp = 2 } };

        var plan = new Planner(request).Plan();

        plan.Phases[0].Winner.Layout.Dp.ShouldBe(2);
        plan.Notes.ShouldBe(["The phase ramp uses 4 of 16 GPUs: its batch of 2 sequences is too small for all replicas."]);
    }

    [Fact]
    public void Plan_NothingDividesAllGpus_UsesFewerAndSaysSo()
    {
        // 13 servers: 104 = 2^3 x 13, and nothing of 13 divides 32 sequences, 32 heads or 6 layers.
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(104), 32, 32);

        var plan = new Planner(request).Plan();

        plan.Main.Winner.Layout.World.ShouldBe(96);
        plan.Notes.ShouldBe(["Uses 96 of 104 GPUs: no layout of all of them divides model, sequence and batch."]);
    }

    [Fact]
    public void Plan_RangeOfBatches_UsesAllGpus()
    {
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(104), 24, 32);

        var winner = new Planner(request).Plan().Main.Winner;

        winner.Layout.World.ShouldBe(104);
        (winner.GlobalBatchSequences % 13).ShouldBe(0);
    }

    [Fact]
    public void Plan_GpusLeftOpen_UsesTheBestNumber()
    {
        // Two sequences a step keep no 104 GPUs busy.
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(104), 2, 2) with { ChoosesGpus = true, Objective = Objective.Cost };

        var plan = new Planner(request).Plan();

        plan.Main.Winner.Layout.World.ShouldBeLessThan(104);
        plan.Main.Winner.Score.ShouldBeLessThan(new Planner(request with { ChoosesGpus = false }).Plan().Main.Winner.Score);
    }

    [Fact]
    public void Plan_PowerLimitBelowAllGpus_UsesFewer()
    {
        var all = new Planner(Sample).Plan().Main.Winner.Run.FacilityWatts;

        var plan = new Planner(Sample with { Limits = new PlanLimits(Power: new Watts(0.6 * all)) }).Plan();

        plan.Main.Winner.Layout.World.ShouldBe(8);
        plan.Main.Winner.Run.FacilityWatts.ShouldBeLessThan(0.6 * all);
        plan.Notes.ShouldHaveSingleItem()
            .ShouldMatch("^Uses 8 of 16 GPUs: the best layout of all of them draws [0-9.]+ [kM]W, above the [0-9.]+ kW of --max-mw.$");
    }

    [Fact]
    public void Plan_ModelThatFitsNowhere_SaysWhatIsLeastAndWhatHelps()
    {
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8, memoryGib: 5), 32, 32) with
        {
            Fixed = new FixedChoices { ZeroStage = 1, Recompute = Recompute.None, MicroBatchSize = 2 },
        };

        var message = Problems(request).ShouldHaveSingleItem();

        message.ShouldStartWith("dense fits nowhere on 8 test-gpu: the leanest layout found (tp ");
        message.ShouldContain(" GiB a rank; the GPU has 5.0 GiB");
        message.ShouldEndWith("Try recompute: full, zero: 3, micro_batch_size: 1, or more GPUs.");
    }

    [Fact]
    public void Plan_StateAboveAllMemory_IsRefusedBeforeTheSearch() =>
        Problems(SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8, memoryGib: 1.5), 32, 32)).ShouldHaveSingleItem().ShouldMatch(
            "^dense fits nowhere on 8 test-gpu: parameters, gradients and optimizer state alone are [0-9]+ GiB, [0-9.]+ GiB a rank " +
            "where ZeRO 3 shards them over all; the GPU has 1.5 GiB. Use [0-9]+ GPUs or more.$");

    [Fact]
    public void Plan_FacilityBelowWhatAllDraw_UsesFewerAndNamesIt()
    {
        var all = new Planner(Sample).Plan().Main.Winner.Run.FacilityWatts;
        var cluster = Sample.Cluster with { Facility = Sample.Cluster.Facility with { Capacity = new Watts(0.6 * all) } };

        var plan = new Planner(Sample with { Cluster = cluster }).Plan();

        plan.Main.Winner.Layout.World.ShouldBe(8);
        plan.Notes.ShouldHaveSingleItem().ShouldEndWith(" kW of facility.capacity.");
    }

    [Fact]
    public void Plan_FewSequencesOnManyGpus_WarnsOfWaiting()
    {
        // One microbatch on four stages: three quarters of the step are bubble.
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8), 2, 2) with { Fixed = new FixedChoices { Tp = 1, Cp = 1, Pp = 4 } };

        var plan = new Planner(request).Plan();

        plan.Notes.ShouldContain(note => note.StartsWith("Warning: bubbles and communication that nothing hides take ", StringComparison.Ordinal));
    }

    [Fact]
    public void Plan_GivenMeshThatDoesNotFit_IsEvaluatedAndRefused()
    {
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8, memoryGib: 1.5), 32, 32) with { Fixed = OnEight };

        var unfit = Should.Throw<UnfitLayoutException>(() => new Planner(request).Plan());

        unfit.Message.ShouldMatch(@"^This layout \(tp 2, .*\) needs [0-9.]+ GiB of the 1.5 GiB of the GPU. Largest part: .*, [0-9.]+ GiB. Try ");
        unfit.Plan.Main.Winner.Step.Memory.Total.ShouldBeGreaterThan(1.5 * (1L << 30));
        unfit.Plan.Main.Winner.Run.Seconds.ShouldBeGreaterThan(0);
        unfit.Plan.Notes.ShouldHaveSingleItem().ShouldBe($"Warning: this layout cannot run. {unfit.Message}");
    }

    [Fact]
    public void Plan_GivenMeshThatOnlyLeanSoftwareFits_IsPlannedWithAWarning()
    {
        var request = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8), 32, 32) with
        {
            Fixed = OnEight,
            Stack = SearchSamples.Stack with { Memory = SearchSamples.Stack.Memory with { Fragmentation = 0, GradientBytes = 4, HasFusedKernels = true } },
        };
        var needed = new Planner(request with { MemoryRule = MemoryRule.Unasked }).Plan().Main.Winner.Step.Memory.Total;
        var tight = request with { Cluster = SearchSamples.Cluster(8, memoryGib: 0.97 * needed / (1L << 30)) };

        var plan = new Planner(tight).Plan();

        plan.Notes.ShouldHaveSingleItem().ShouldMatch(
            "^Warning: this layout fits within the uncertainty only. It is predicted to need [0-9.]+ GiB of the [0-9.]+ GiB of a GPU, and [0-9.]+ with 16-bit ");
    }

    [Fact]
    public void Plan_GivenMeshAtTheEdgeOfMemory_IsPlannedWithAWarning()
    {
        var request = AtTheEdge with { Fixed = OnEight };

        var plan = new Planner(request).Plan();

        plan.Main.Winner.Step.Memory.Total.ShouldBeLessThanOrEqualTo(request.Cluster.Gpu.Memory.Value);
        plan.Request.MemoryRule.ShouldBe(MemoryRule.WithoutMargin);
        plan.Notes.ShouldHaveSingleItem().ShouldStartWith("Warning: this layout may run out of memory. It is predicted to need ");
    }

    [Fact]
    public void Plan_MeshLeftOpen_LeavesTheUpperEndOfTheIntervalInMemory()
    {
        var plan = new Planner(AtTheEdge).Plan();

        plan.Main.Best.ShouldAllBe(c => Figure.Around(c.Step.Memory.Total, MemoryMargin.Sigma, Evidence.Assumed).High <= AtTheEdge.Cluster.Gpu.Memory.Value);
    }

    private static FixedChoices OnEight { get; } = new()
    {
        Tp = 2, Cp = 1, Pp = 1, DpShard = 4, DpReplicate = 1, Ep = 1, ZeroStage = 1, Recompute = Recompute.Full, MicroBatchSize = 1, SequenceParallel = true,
    };

    /// <summary>A GPU with 4 % more memory than <see cref="OnEight"/> is predicted to need.</summary>
    private static PlanRequest AtTheEdge
    {
        get
        {
            var ample = SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8), 32, 32);
            var needed = new Planner(ample with { Fixed = OnEight }).Plan().Main.Winner.Step.Memory.Total;
            return SearchSamples.Request(SearchSamples.Dense, SearchSamples.Cluster(8, 1.04 * needed / (1L << 30)), 32, 32);
        }
    }

    [Fact]
    public void Plan_DegreeThatDoesNotDivide_NamesTheNearest()
    {
        var request = Sample with { Fixed = new FixedChoices { Tp = 6 } };

        var problems = Problems(request);

        problems[0].ShouldBe("No layout of 16 GPUs divides dense, with sequences of 2,048 tokens and 32 of them a step. " +
            "Give a range of batches, leave more degrees to auto, or use other --gpus. The nearest:");
        problems.ShouldContain("mesh.tp is 6, but the 32 query heads must divide by it: each rank needs whole heads. Use 4 or 8.");
    }

    [Fact]
    public void Plan_LimitsThatNothingKeeps_AreAllTold()
    {
        var limits = new PlanLimits(new Watts(100), new Dollars(1), new Seconds(60));

        var problems = Problems(Sample with { Limits = limits });

        problems.Count.ShouldBe(3);
        problems[0].ShouldMatch("^--max-mw is 0 MW, but the least that 16 GPUs draw is [0-9.]+ MW. Use fewer GPUs ");
        problems[1].ShouldStartWith("--max-cost is 1$, but the cheapest layout costs ");
        problems[2].ShouldStartWith("--deadline is 1min, but the fastest layout takes ");
    }

    private static IReadOnlyList<string> Problems(PlanRequest request) =>
        Should.Throw<ConfigException>(() => new Planner(request).Plan()).Problems;
}
