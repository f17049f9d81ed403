using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Training.Loop;

public sealed class RankStartTests
{
    private static readonly MeshShape Mesh = new() { Pp = 2, DpReplicate = 2, DpShard = 2, Tp = 2 };

    [Fact]
    public void Of_LastRank_KnowsItsGroupsAndSamples()
    {
        var start = RankStart.Of(Config(), 15);

        start.Mesh.ShouldBe("world 16 = pp 2 x dp_replicate 2 x dp_shard 2 x cp 1 x tp 2");
        start.Groups.ShouldBe(
        [
            new RankAxis("tp", 1, 2, 14, 1), new RankAxis("dp_shard", 1, 2, 13, 2), new RankAxis("dp_replicate", 1, 2, 11, 4),
            new RankAxis("pp", 1, 2, 7, 8), new RankAxis("pp_backward", 1, 2, 7, 8), new RankAxis("pp_ends", 1, 2, 7, 8),
        ]);
        start.Samples.ShouldBe([new SampleRange(12, 2), new SampleRange(14, 2)]);
        start.Shards.ShouldAllBe(shard => shard.Parameter != "model.embed_tokens.weight");
    }

    /// <summary>Replicas and copies aside, the ranks keep each element once.</summary>
    [Fact]
    public void Of_AllRanksOfAReplica_KeepEveryElementOnce()
    {
        var elements = new Dictionary<string, int>();
        for (var rank = 0; rank < Mesh.World; rank++)
        {
            var start = RankStart.Of(Config(), rank);
            if (start.Groups.Single(group => group.Axis == "dp_replicate").Place > 0)
                continue;
            var isFirstOfTp = start.Groups.Single(group => group.Axis == "tp").Place == 0;
            foreach (var shard in start.Shards.Where(shard => isFirstOfTp || !shard.Parameter.Contains("norm", StringComparison.Ordinal)))
                elements[shard.Parameter] = elements.GetValueOrDefault(shard.Parameter) + (int)(shard.Range[1] - shard.Range[0]);
        }

        var table = ParameterTable.Of(Config().Spec.Model.Architecture);
        elements.Count.ShouldBe(table.Count);
        table.ShouldAllBe(spec => elements[spec.Name] == spec.NumElements);
    }

    /// <summary>Buffer by buffer it is what the engine holds.</summary>
    [Theory]
    [InlineData(0, Precision.Fp32)]
    [InlineData(1, Precision.Bf16)]
    [InlineData(2, Precision.Fp64)]
    [InlineData(3, Precision.Bf16)]
    public void Of_AnyStageOfZero_CountsTheStateOfEachBuffer(int zero, Precision precision)
    {
        var config = Config() with { Spec = Config().Spec with { Parallel = Config().Spec.Parallel with { Zero = zero }, Precision = precision } };
        for (var rank = 0; rank < Mesh.World; rank++)
        {
            var start = RankStart.Of(config, rank);

            start.Buffers.Sum(buffer => buffer.StateBytes).ShouldBe(start.StateBytes);
            start.Buffers.ShouldAllBe(buffer => buffer.KeptFirst + buffer.KeptElements <= buffer.Elements);
        }
    }

    [Fact]
    public void ToJson_AnyRank_UsesTheNamesOfFiles()
    {
        var json = RankStart.Of(Config(), 3).ToJson();

        json.ShouldContain("\"rank\": 3,");
        json.ShouldContain("\"state_bytes\": ");
        json.ShouldContain("\"parameter\": \"model.layers.0.");
    }

    [Fact]
    public void StepPlan_RanksOfOneStage_TakeLessThanTheWhole()
    {
        var whole = StepPlan.Of(Config() with { Spec = Config().Spec with { Mesh = new MeshSpec(), Parallel = new ParallelSpec() } });

        StepPlan.Of(Config(), 3).StateBytes.ShouldBeLessThan(whole.StateBytes / 4);
        StepPlan.Of(Config(), 3).StateBytes.ShouldBe(RankStart.Of(Config(), 3).StateBytes);
    }

    private static RunConfig Config() => new RunConfig
    {
        Spec = new RunSpec
        {
            Model = new ModelSpec
            {
                Name = "tiny",
                Architecture = new LlamaArchitecture
                {
                    VocabSize = 67, HiddenSize = 36, IntermediateSize = 48, NumLayers = 3, NumAttentionHeads = 8, NumKeyValueHeads = 4, HeadDim = 6,
                },
            },
            Batch = new BatchSpec { GlobalBatchTokens = new TokenCount(16 * 32), SeqLen = 32, MicroBatchSize = 2 },
            Mesh = MeshSpec.Of(Mesh),
            Parallel = new ParallelSpec { Zero = 3 },
        },
        Data = new DataConfig { Train = [] },
        Run = new RunSection { Steps = 1, Out = "out" },
    }.Decided(1);
}
