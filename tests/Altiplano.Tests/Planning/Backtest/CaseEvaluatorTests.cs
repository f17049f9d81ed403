using Altiplano.Planning;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Calibration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Search;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class CaseEvaluatorTests
{
    private static readonly CaseEvaluator Evaluator = new(new CaseMapper(TestServers.Of), (_, _, _) => TestStacks.Middle);

    [Fact]
    public void Evaluate_CompleteCase_IsTheCostModels()
    {
        var prediction = Predict(Cases.With());
        var mapped = prediction.Case;

        prediction.Cost.ShouldBe(new CostModel(mapped.Workload, mapped.Cluster, TestStacks.Middle).Evaluate(mapped.Layout));
        prediction.StepSeconds.Value.ShouldBe(prediction.Cost.Time.Total);
        prediction.TokensPerSecondPerGpu.ShouldBe(4096.0 * 64 / 32 / prediction.StepSeconds.Value, 1e-9);
        prediction.StepSeconds.Evidence.ShouldBe(Evidence.Interpolated);
    }

    /// <summary>Such runs reduce once a step; without a pipeline each microbatch reduces.</summary>
    [Theory]
    [InlineData(2, 8, true)]
    [InlineData(1, 16, false)]
    public void Evaluate_Zero2_UnderAPipelineTakesTheTimeOfOneReduction(int pp, int dp, bool reducesOnce)
    {
        CasePrediction Zero(int stage) => Predict(Cases.With(("pp", pp), ("dp", dp), ("zero", stage)));

        (Zero(2).StepSeconds.Value == Zero(1).StepSeconds.Value).ShouldBe(reducesOnce);
        Zero(2).Cost.Memory.Gradients.ShouldBe(Zero(1).Cost.Memory.Gradients / dp, 1);
        Zero(2).Case.Layout.ZeroStage.ShouldBe(2);
    }

    /// <summary>Half of the layers recomputed costs half of what all of them cost.</summary>
    [Fact]
    public void Evaluate_RecomputeLayers_IsBetweenNoneAndAll()
    {
        double Step(int layers) => Predict(Cases.With(("recompute", "full"), ("recompute_layers", layers))).StepSeconds.Value;
        double Parts(int layers) => TimeParts.Of(Predict(Cases.With(("recompute", "full"), ("recompute_layers", layers))).Cost.Time).Sum(p => p.Seconds);

        Step(8).ShouldBe((Step(0) + Step(16)) / 2, 1e-9);
        Parts(8).ShouldBe(Step(8), 1e-9);
        Step(16).ShouldBe(Predict(Cases.With(("recompute", "full"))).StepSeconds.Value, 1e-12);
        Step(0).ShouldBe(Predict(Cases.With(("recompute", "none"))).StepSeconds.Value, 1e-12);
    }

    [Fact]
    public void Evaluate_OpenChoices_AreOfAFastLayoutAndNoted()
    {
        var open = Predict(Cases.With(("micro_batch", null), ("vp", null), ("recompute", null)));

        open.StepSeconds.Value.ShouldBeLessThanOrEqualTo(Predict(Cases.With()).StepSeconds.Value);
        open.StepSeconds.Evidence.ShouldBe(Evidence.Assumed);
        open.Case.Assumptions.ShouldBe([
            $"micro_batch is not given: {open.Case.Layout.MicroBatchSize}, as in the fastest layout that fits",
            $"vp is not given: {open.Case.Layout.VirtualStages}, as in the fastest layout that fits",
            $"recompute is not given: {open.Case.Layout.Recompute.ToString().ToLowerInvariant()}, as in the fastest layout that fits",
        ]);
    }

    [Fact]
    public void Evaluate_Fp8OnAGpuWithoutIt_SaysWhatItWasCostedAs()
    {
        var prediction = Predict(Cases.With(("gpu", "A100-80GB-SXM"), ("precision", "fp8 (current scaling)")));

        prediction.Case.Assumptions.ShouldContain("precision is \"fp8 (current scaling)\", but a100-80g has no fp8: costed as bf16");
    }

    [Theory]
    [InlineData(70, 60, MemoryVerdict.Fits)]
    [InlineData(110, 75, MemoryVerdict.WithinUncertainty)]
    [InlineData(84, 83, MemoryVerdict.WithinUncertainty)]
    [InlineData(110, 81, MemoryVerdict.DoesNotFit)]
    public void Of_PredictedAndLeast_IsTheVerdict(double predicted, double least, MemoryVerdict verdict) =>
        MemoryVerdicts.Of(predicted, least, 80).ShouldBe(verdict);

    [Fact]
    public void Evaluate_AssumedStack_IsNamed()
    {
        var stack = TestStacks.Middle with { Evidence = Evidence.Assumed, Assumption = "coefficients of middle, the nearest stack" };
        var evaluator = new CaseEvaluator(new CaseMapper(TestServers.Of), (_, _, _) => stack);

        var prediction = evaluator.Evaluate(Cases.With()).Prediction.ShouldNotBeNull();

        prediction.StepSeconds.Evidence.ShouldBe(Evidence.Assumed);
        prediction.Case.Assumptions.ShouldBe(["coefficients of middle, the nearest stack"]);
    }

    [Fact]
    public void Evaluate_Refusal_HasNoPrediction()
    {
        var result = Evaluator.Evaluate(Cases.With(("gpus", null)));

        result.Prediction.ShouldBeNull();
        result.Refusal.ShouldStartWith("gpus is not given.");
    }

    /// <summary>Checked arithmetic and infinities stop one case, not the file.</summary>
    [Fact]
    public void Evaluate_WhatCannotBeComputed_IsRefused()
    {
        var evaluator = new CaseEvaluator(
            new CaseMapper(TestServers.Of), (_, _, _) => TestStacks.Middle with { Time = TestStacks.Middle.Time with { MatrixEfficiency = 0 } });

        evaluator.Evaluate(Cases.With()).Refusal.ShouldStartWith("The sizes are beyond what can be computed. A step would take ");
    }

    [Fact]
    public void Of_TwoLayoutsOfOneRun_RegretsTheSlowerChoice()
    {
        var runs = new[] { Cases.With(("tp", 1), ("dp", 16)), Cases.With(("tp", 8), ("dp", 2)) };
        var predictions = runs.Select(Predict).OrderBy(p => p.StepSeconds.Value).ToList();
        var measured = predictions.Select((p, i) => p with { Case = p.Case with { Run = Measured(p.Case.Run, i == 0 ? 3 : 2) } });

        var regret = LayoutRegret.Of(measured);

        (regret.Groups, regret.Max).ShouldBe((1, 0.5));
        regret.Mean.ShouldBe(0.5, 1e-12);
    }

    /// <summary>One run fixes the efficiency: the baseline gives it back.</summary>
    [Fact]
    public void Predict_NaiveBaselineOnItsOnlyRun_IsTheMeasurement()
    {
        var prediction = Predict(Cases.With());

        NaiveBaseline.Fit([prediction]).Predict(prediction).Value.ShouldBe(2.5, 1e-12);
    }

    [Fact]
    public void Of_Results_HasARowForEachSet()
    {
        var table = ErrorTable.Of(new[] { Cases.With(("recommended", true)), Cases.With(("precision", "fp8"), ("source", "t")) }.Select(Evaluator.Evaluate));

        table.Time.Select(r => (r.Set, r.Errors.Count)).ShouldBe([
            ("all", 2), ("recommended", 1), ("gpu h100-sxm", 2), ("source s", 1), ("source t", 1), ("precision bf16", 1), ("precision fp8", 1)]);
        table.Memory.Select(r => r.Set).ShouldBe(["all", "recommended", "source s", "source t"]);
        table.Answers.Ran.ShouldBe(2);
    }

    [Fact]
    public void Of_RunsOutOfMemory_CountsThoseSaidToFit()
    {
        var answers = MemoryAnswers.Of([Predict(Cases.With(("measured.out_of_memory", true), ("measured.step_s", null)))]);

        (answers.Ran, answers.OutOfMemory, answers.FittedThoughOutOfMemory).ShouldBe((0, 1, 1));
    }

    [Fact]
    public void Of_RunWithARateOnly_IsComparedByOurCount()
    {
        var row = RateRow.Of([Predict(Cases.With(("measured.step_s", null), ("measured.tflops_per_gpu", 400)))]).ShouldHaveSingleItem();

        row.PublishedTflops.ShouldBe(400);
        row.Tflops.Low.ShouldBeLessThan(row.Tflops.Value);
        row.Mfu.ShouldBe(row.Tflops.Value / 989, 1e-9);
    }

    /// <summary>Measurements made by the model itself, from the physical prior: nothing is to be learned, so what is left out is found again.</summary>
    [Fact]
    public void HeldOut_SourcesOfTheModelItself_AreFoundAgain()
    {
        var evaluator = new CaseEvaluator(
            new CaseMapper(TestServers.Of), (gpu, _, _) => TestStacks.Middle with { Time = PhysicalPrior.Of(gpu) });

        var results = (from seq in new[] { 2048, 4096, 8192 }
                       from source in new[] { "s", "t" }
                       let tp = source == "s" ? 2 : 1
                       let run = Cases.With(("seq", seq), ("source", source), ("tp", tp), ("dp", 16 / tp), ("complete", true))
                       let prediction = evaluator.Evaluate(run).Prediction!
                       select new CaseResult(run, prediction with { Case = prediction.Case with { Run = Measured(run, prediction.StepSeconds.Value) } }, null)).ToList();

        var sources = HeldOut.Sources(results);
        var halves = HeldOut.Halves(results);

        sources.Select(r => r.Set).ShouldBe(["all", "source s", "source t"]);
        halves[0].Set.ShouldBe("all");
        foreach (var rows in new[] { sources, halves })
        {
            rows[0].Errors.Count.ShouldBe(6);
            rows[0].Errors.Max.ShouldBeLessThan(1e-3);
        }
    }

    private static CasePrediction Predict(Altiplano.Planning.Backtest.PublishedRun run)
    {
        var result = Evaluator.Evaluate(run);
        result.Refusal.ShouldBeNull();
        return result.Prediction!;
    }

    private static Altiplano.Planning.Backtest.PublishedRun Measured(Altiplano.Planning.Backtest.PublishedRun run, double seconds) =>
        run with { Measured = new PublishedMeasurement { StepSeconds = seconds } };
}
