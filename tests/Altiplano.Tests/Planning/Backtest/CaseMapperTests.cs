using System.Text.Json.Nodes;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Mesh;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class CaseMapperTests
{
    [Fact]
    public void TryMap_CompleteCase_AssumesNothing()
    {
        var mapped = Cases.Map();

        mapped.Assumptions.ShouldBeEmpty();
        mapped.Grade.ShouldBe(Evidence.Interpolated);
        mapped.Layout.ShouldBe(new Layout { Tp = 2, Pp = 2, DpShard = 8, ZeroStage = 1, HasSequenceParallel = true, CpMethod = ContextParallelMethod.Ring });
        mapped.Cluster.NumGpus.ShouldBe(32);
        mapped.Workload.TokensPerStep.ShouldBe(4096.0 * 64);
    }

    [Theory]
    [InlineData("fp8", Precision.Fp8)]
    [InlineData("fp8 (current scaling)", Precision.Fp8)]
    [InlineData("FP8-hybrid", Precision.Fp8)]
    [InlineData("mxfp8", Precision.Fp8)]
    [InlineData("bf16", Precision.Bf16)]
    [InlineData("fp16", Precision.Bf16)]
    [InlineData("BF16 mixed", Precision.Bf16)]
    public void TryMap_Precision_IsOneOfTwoClasses(string text, Precision expected) =>
        Cases.Map(("precision", text)).Workload.Precision.ShouldBe(expected);

    [Fact]
    public void TryMap_FsdpGroup_ReplicatesTheRest()
    {
        var layout = Cases.Map(("tp", 1), ("pp", 1), ("dp", 32), ("zero", 3), ("fsdp_shard_group", 8)).Layout;

        (layout.DpShard, layout.DpReplicate, layout.ZeroStage).ShouldBe((8, 4, 3));
    }

    /// <summary>The group counts the ranks of cp, which shard too.</summary>
    [Fact]
    public void TryMap_Zero1GroupUnderCp_CountsItsRanks()
    {
        var layout = Cases.Map(("tp", 1), ("cp", 2), ("pp", 2), ("dp", 8), ("zero1_group", 8)).Layout;

        (layout.DpShard, layout.DpReplicate, layout.Cp).ShouldBe((4, 2, 2));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void TryMap_SequenceParallelNull_FollowsTp(int tp, bool expected) =>
        Cases.Map(("tp", tp), ("dp", 16 / tp), ("sequence_parallel", null)).Layout.HasSequenceParallel.ShouldBe(expected);

    [Theory]
    [InlineData("pp")]
    [InlineData("dp")]
    public void TryMap_OneDegreeNull_FollowsFromTheGpus(string path)
    {
        var layout = Cases.Map((path, null)).Layout;

        (layout.Pp, layout.DpShard).ShouldBe((2, 8));
    }

    [Fact]
    public void TryMap_VirtualStages_InterleaveTheSchedule()
    {
        var layout = Cases.Map(("vp", 4)).Layout;

        (layout.VirtualStages, layout.Schedule).ShouldBe((4, PipelineScheduleKind.InterleavedOneForwardOneBackward));
    }

    [Fact]
    public void TryMap_ExpertsWithEveryKey_AreAMixture()
    {
        var mapped = Cases.Map(
            ("model.experts", 64), ("model.topk", 6), ("model.moe_every", 1), ("model.moe_ffn", 1408), ("model.shared_expert", true),
            ("model.shared_ffn", 2816), ("model.dense_layers", 1), ("ep", 8));

        mapped.Workload.Model.Mixture.ShouldBe(new MixtureShape(64, 6, 1408, 2816, 1, 1));
        mapped.Workload.Model.IntermediateSize.ShouldBe(14336);
        mapped.Layout.Ep.ShouldBe(8);
    }

    [Fact]
    public void TryMap_ExpertsWithoutWidths_HaveTheModels() =>
        Cases.Map(("model.experts", 8), ("model.topk", 2), ("model.shared_expert", true))
            .Workload.Model.Mixture.ShouldBe(new MixtureShape(8, 2, 14336, 14336));

    [Fact]
    public void TryMap_LatentAttention_HasItsWidths()
    {
        var model = Cases.Map(
            ("model.mla", true), ("model.q_lora", 1536), ("model.kv_lora", 512), ("model.qk_nope", 128), ("model.qk_rope", 64),
            ("model.v_dim", 128)).Workload.Model;

        model.LatentAttention.ShouldBe(new LatentAttentionShape(1536, 512, 128, 64, 128));
        model.HeadDim.ShouldBe(192);
    }

    [Fact]
    public void TryMap_HeadDim_IsTaken() => Cases.Map(("model.head_dim", 256)).Workload.Model.HeadDim.ShouldBe(256);

    [Theory]
    [InlineData(16384, false, true)]
    [InlineData(14336, true, false)]
    public void TryMap_MlpKindNull_FollowsFromItsWidth(int ffn, bool isGated, bool isTied)
    {
        var model = Cases.Map(("model.ffn", ffn), ("model.gated_mlp", null), ("model.tied", null)).Workload.Model;

        (model.IsMlpGated, model.TieWordEmbeddings).ShouldBe((isGated, isTied));
    }

    [Theory]
    [InlineData(4, 0.25)]
    [InlineData(16, 1)]
    [InlineData(24, 0.75)]
    public void TryMap_RecomputeLayers_CountsAStagesOrTheModels(int layers, double share) =>
        Cases.Map(("recompute", "full"), ("recompute_layers", layers)).RecomputeShare.ShouldBe(share);

    [Theory]
    [InlineData("zero", "zero is not given: 1")]
    [InlineData("precision", "precision is not given: bf16")]
    [InlineData("interconnect", "interconnect is not given: 400 Gb/s a GPU, the usual network of hgx-h100")]
    public void TryMap_NullWithADefault_IsGradedAssumed(string path, string assumption)
    {
        var mapped = Cases.Map((path, null));

        mapped.Assumptions.ShouldContain(assumption);
        mapped.Grade.ShouldBe(Evidence.Assumed);
    }

    [Fact]
    public void TryMap_FabricNullWithinOneServer_AssumesNothing() =>
        Cases.Map(("interconnect", null), ("gpus", 8), ("dp", 2)).Assumptions.ShouldBeEmpty();

    [Theory]
    [InlineData("model.layers", "model.layers is not given. The number of decoder layers is needed and has no default.")]
    [InlineData("model.vocab", "model.vocab is not given. The size of the vocabulary is needed and has no default.")]
    [InlineData("gpus", "gpus is not given. The number of GPUs is needed and has no default.")]
    [InlineData("gpu", "gpu is not given. The GPU's name is needed and has no default.")]
    [InlineData("seq", "seq is not given. The length of a sequence is needed and has no default.")]
    [InlineData("global_batch_seqs", "global_batch_seqs is not given. The sequences of a step are needed and have no default.")]
    public void TryMap_RequiredNull_IsRefused(string path, string refusal) => Cases.Refusal((path, null)).ShouldBe(refusal);

    [Fact]
    public void TryMap_SeveralProblems_NamesThemAll()
    {
        var refusal = Cases.Refusal(("model.layers", null), ("gpu", "TPU v4"), ("recompute", "some"));

        refusal.ShouldContain("model.layers is not given.");
        refusal.ShouldContain("gpu is \"TPU v4\", which is not one that we know: A100");
        refusal.ShouldContain("recompute is \"some\". It is none, selective or full.");
    }

    [Fact]
    public void TryMap_DegreesThatDoNotMultiply_AreRefused() =>
        Cases.Refusal(("dp", 4)).ShouldBe("tp 2 x pp 2 x cp 1 x dp 4 is 16, but gpus is 32. The degrees must multiply to gpus.");

    [Fact]
    public void TryMap_NeitherPipelineNorData_IsRefused() =>
        Cases.Refusal(("pp", null), ("dp", null)).ShouldBe("pp and dp are not given. One of them is needed; the other follows from gpus.");

    [Theory]
    [InlineData("zero", 4, "zero is 4. The stages are 0, 1, 2 and 3.")]
    [InlineData("zero1_group", 3, "zero1_group is 3, but the 8 ranks of dp x cp must divide into groups of it.")]
    [InlineData("ep", 3, "ep is 3, but the 8 ranks of dp x cp that hold different shards must divide by it.")]
    [InlineData("model.kv_heads", 3, "model.kv_heads is 3, but the 32 query heads must divide by it.")]
    [InlineData("model.hidden", 4097, "model.hidden is 4097, which does not divide by the 32 heads. Give model.head_dim.")]
    [InlineData("model.experts", 8, "model.topk is not given. The number of experts that each token visits is needed and has no default.")]
    public void TryMap_ValueAgainstARule_IsRefused(string path, int value, string refusal) => Cases.Refusal((path, value)).ShouldContain(refusal);

    [Fact]
    public void TryMap_LatentAttentionWithoutWidths_IsRefused() => Cases.Refusal(("model.mla", true)).ShouldContain("model.kv_lora is not given.");

    [Theory]
    [InlineData("-5 Gb/s")]
    [InlineData("0 Gb/s")]
    [InlineData("1e99 Gb/s")]
    public void TryMap_RateThatCannotBe_IsRefusedByItsKey(string text) =>
        Cases.Refusal(("interconnect", text)).ShouldStartWith($"interconnect is \"{text}\", which is ");

    /// <summary>What follows from a value that could not be read is not said.</summary>
    [Theory]
    [InlineData("tp", "\"2\"", "tp is \"2\". It must be a whole number, at least 1 of ranks.")]
    [InlineData("seq", "\"4096\"", "seq is \"4096\". It must be a whole number, at least 1 of tokens.")]
    [InlineData("gpus", "0", "gpus is 0. It must be a whole number, at least 1 of GPUs.")]
    [InlineData("gpu", "100", "gpu is 100. It must be text.")]
    [InlineData("pp", "0", "pp is 0. It must be a whole number, at least 1 of ranks.")]
    [InlineData("global_batch_seqs", "\"64\"", "global_batch_seqs is \"64\". It must be a whole number, at least 1 of sequences.")]
    [InlineData("model", "\"Llama\"", "model is \"Llama\". It must be an object of keys.")]
    public void TryMap_ValueThatCannotBeRead_IsTheOnlyProblem(string path, string json, string refusal) =>
        Cases.Refusal((path, JsonNode.Parse(json))).ShouldBe(refusal);

    [Theory]
    [InlineData("5")]
    [InlineData("null")]
    public void TryMap_CaseThatIsNoObject_HasOneProblem(string json)
    {
        new CaseMapper(TestServers.Of).TryMap(Cases.Read($"[{json}]")[0], out _, out var refusal).ShouldBeFalse();

        refusal.ShouldBe($"The case is {json}. A case is an object of keys.");
    }

    [Fact]
    public void TryMap_NoExpertOfSeveral_IsRefused() =>
        Cases.Refusal(("model.experts", 8), ("model.topk", 0)).ShouldBe("model.topk is 0, but a layer has 8 experts. Each token visits 1 of them or more.");

    [Fact]
    public void TryMap_ExpertRanksOfADenseModelWithoutName_AreRefused() =>
        Cases.Refusal(("model.name", null), ("ep", 4)).ShouldBe("ep is 4, but the model has no experts. Use 1.");

    [Fact]
    public void TryMap_ServersThatAreNotWhole_AreRefused() =>
        Cases.Refusal(("gpus_per_node", 3)).ShouldBe("gpus_per_node is 3, but the 32 gpus are whole servers of as many. Use 2 or 4.");

    [Fact]
    public void TryMap_ChunksWithoutAPipeline_AreRefused() =>
        Cases.Refusal(("pp", 1), ("dp", 16), ("vp", 2)).ShouldBe("vp is 2, but pp is 1: chunks of a rank need a pipeline. Use vp 1, or pp 2 or more.");

    [Fact]
    public void TryMap_PrecisionWithoutCoefficients_IsRefused() =>
        Cases.Refusal(("precision", "fp4")).ShouldBe("precision is \"fp4\". Coefficients exist for bf16, fp16 and fp8.");

    /// <summary>The rules of layouts apply, in the words of a case.</summary>
    [Theory]
    [InlineData("global_batch_seqs", 63, "global_batch_seqs is 63 sequences of 4096 tokens, but they must divide by dp x micro_batch = 8 x 1 = 8. Use 56 or 64 sequences.")]
    [InlineData("model.heads", 33, "tp is 2, but the 33 query heads must divide by it: ")]
    [InlineData("vp", 400, "vp is 400, but pp x vp = 2 x 400 chunks, and each needs one of 32 layers, the embedding or the head. Use 2 to 17.")]
    [InlineData("seq", 4095, "sequence_parallel is true, but seq 4095 must divide by tp, which is 2. Use false.")]
    public void TryMap_LayoutAgainstARule_IsRefused(string path, int value, string refusal) =>
        Cases.Refusal((path, value), ("model.kv_heads", path == "model.heads" ? 33 : 8), ("model.head_dim", 128)).ShouldStartWith(refusal);
}
