using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Training.Loop;

public sealed class StepPlanTests
{
    [Fact]
    public void Of_SmallRun_CountsWeightsGradientsAndMomentsInFp32()
    {
        var plan = StepPlan.Of(Config(Recompute.None));

        plan.NumParameters.ShouldBe(15_191_712);
        plan.StateBytes.ShouldBe(16 * plan.NumParameters);
        plan.StagingBytes.ShouldBe(12 * plan.NumParameters);
        plan.PeakBytes.ShouldBeGreaterThan(plan.StateBytes);
    }

    [Fact]
    public void Of_MoreRecompute_TakesLessMemoryAndMoreOperations()
    {
        var plans = new[] { Recompute.None, Recompute.Selective, Recompute.Full }.Select(r => StepPlan.Of(Config(r))).ToList();

        plans[1].PeakBytes.ShouldBeLessThan(plans[0].PeakBytes);
        plans[2].PeakBytes.ShouldBeLessThan(plans[1].PeakBytes);
        plans[2].Flops.ShouldBeGreaterThan(plans[0].Flops);
    }

    [Fact]
    public void RequireFit_TooLittleMemory_NamesBothSizesAndARemedy()
    {
        var plan = StepPlan.Of(Config(Recompute.None));

        var message = Should.Throw<ConfigException>(() => plan.RequireFit(Bytes.Parse("256MiB")!.Value)).Message;

        message.ShouldContain("this machine has 256.0MiB");
        message.ShouldContain("Try parallel.recompute: full");
    }

    private static RunConfig Config(Recompute recompute) => new RunConfig
    {
        Spec = new RunSpec
        {
            Model = new ModelSpec
            {
                Name = "15m",
                Architecture = new LlamaArchitecture
                {
                    VocabSize = 32_000, HiddenSize = 288, IntermediateSize = 768, NumLayers = 6, NumAttentionHeads = 6,
                    NumKeyValueHeads = 6, TieWordEmbeddings = true,
                },
            },
            Batch = new BatchSpec { GlobalBatchTokens = new TokenCount(2048), SeqLen = 256, MicroBatchSize = 4 },
            Parallel = new ParallelSpec { Recompute = recompute },
        },
        Data = new DataConfig { Train = [] },
        Run = new RunSection { Steps = 1, Out = "out" },
    }.Decided(1);
}
