using System.Globalization;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search.Emit;

/// <summary>A phase's layout as command-line flags of Megatron-LM.</summary>
/// <remarks>Names as in Megatron Core 0.20 (megatron/training/arguments.py, megatron/core/transformer/transformer_config.py).</remarks>
public static class MegatronFlags
{
    public const string Version = "Megatron-LM, core 0.20";

    /// <summary>One flag with its values a line; lines that begin with # say what has no flag.</summary>
    public static IReadOnlyList<string> Of(PlanRequest request, PhasePlan phase)
    {
        var layout = phase.Winner.Layout;
        return
        [
            $"# {Version}; {layout.World} GPUs: {layout.Mesh}",
            .. Model(request.Model), .. Parallelism(request.Model, layout), .. Pipeline(request.Model, layout), .. Sharding(layout), .. Recomputation(layout),
            $"--micro-batch-size {layout.MicroBatchSize}",
            $"--global-batch-size {phase.Winner.GlobalBatchSequences}",
            $"--seq-length {phase.Phase.SeqLen}",
            $"--max-position-embeddings {phase.Phase.SeqLen}",
            $"--train-samples {Math.Ceiling(phase.Phase.Tokens / phase.Phase.SeqLen):0}",
            "--bf16",
            .. request.Precision == Precision.Fp8 ? ["--fp8-format hybrid"] : Array.Empty<string>(),
        ];
    }

    /// <summary>The same request, to be answered only with schedules that have flags.</summary>
    public static PlanRequest Restrict(PlanRequest request) => request with
    {
        Schedules = [PipelineScheduleKind.OneForwardOneBackward, PipelineScheduleKind.InterleavedOneForwardOneBackward],
    };

    private static IEnumerable<string> Model(TransformerShape model)
    {
        yield return $"--num-layers {model.NumLayers}";
        yield return $"--hidden-size {model.HiddenSize}";
        yield return $"--ffn-hidden-size {model.IntermediateSize}";
        yield return $"--num-attention-heads {model.NumAttentionHeads}";
        yield return $"--kv-channels {model.HeadDim}";
        if (model.NumKeyValueHeads != model.NumAttentionHeads)
        {
            yield return "--group-query-attention";
            yield return $"--num-query-groups {model.NumKeyValueHeads}";
        }

        if (model.IsMlpGated)
            yield return "--swiglu";
        if (!model.HasBiases)
        {
            yield return "--normalization RMSNorm";
            yield return "--disable-bias-linear";
        }

        foreach (var flag in Positions(model).Concat(Vocabulary(model)))
            yield return flag;
        if (!model.TieWordEmbeddings)
            yield return "--untie-embeddings-and-output-weights";
        foreach (var flag in model.Mixture is { } mixture ? Mixture(model, mixture) : [])
            yield return flag;
        if (model.Window is not null || model.Vision is not null || model.LatentAttention is not null)
            yield return "# windows, latent attention and vision towers are not among these flags: take them from the model's own recipe";
    }

    private static IEnumerable<string> Positions(TransformerShape model)
    {
        if (model.LearnedPositions == 0)
        {
            yield return "--position-embedding-type rope";
            yield return model.RopeTheta is { } theta
                ? string.Create(CultureInfo.InvariantCulture, $"--rotary-base {theta:0}")
                : "# --rotary-base is the model's rope_theta, which its description does not say";
        }

        yield return model.NormEpsilon is { } epsilon
            ? string.Create(CultureInfo.InvariantCulture, $"--norm-epsilon {epsilon:R}")
            : "# --norm-epsilon is the model's rms_norm_eps, which its description does not say";
    }

    /// <summary>A plan pads the vocabulary to a multiple of tp and no further.</summary>
    private static IEnumerable<string> Vocabulary(TransformerShape model) =>
    [
        $"--vocab-size {model.VocabSize}",
        "--make-vocab-size-divisible-by 1",
        "# --tokenizer-type and --tokenizer-model are the corpus's: HuggingFaceTokenizer and its folder for a Llama",
    ];

    private static IEnumerable<string> Mixture(TransformerShape model, MixtureShape mixture)
    {
        var pattern = string.Join(',', Enumerable.Range(0, model.NumLayers).Select(layer => model.IsMixtureLayer(layer) ? 1 : 0));
        yield return $"--num-experts {mixture.NumExperts}";
        yield return $"--moe-router-topk {mixture.TopK}";
        yield return $"--moe-ffn-hidden-size {mixture.ExpertIntermediateSize}";
        if (mixture.SharedIntermediateSize > 0)
            yield return $"--moe-shared-expert-intermediate-size {mixture.SharedIntermediateSize}";
        yield return $"--moe-layer-freq \"[{pattern}]\"";
        yield return "--moe-token-dispatcher-type alltoall";
        yield return "--moe-grouped-gemm";
    }

    private static IEnumerable<string> Parallelism(TransformerShape model, Layout layout)
    {
        yield return $"--tensor-model-parallel-size {layout.Tp}";
        yield return $"--pipeline-model-parallel-size {layout.Pp}";
        yield return $"--context-parallel-size {layout.Cp}";
        if (layout.Cp > 1)
            yield return $"--cp-comm-type {(layout.CpMethod == ContextParallelMethod.Ring ? "p2p" : "all_gather")}";
        if (layout.HasSequenceParallel)
            yield return "--sequence-parallel";
        if (model.Mixture is null)
            yield break;
        yield return $"--expert-model-parallel-size {layout.Ep}";
        yield return $"--expert-tensor-parallel-size {layout.Tp}";
    }

    /// <summary>Every chunk is written out, since stages may be uneven.</summary>
    private static IEnumerable<string> Pipeline(TransformerShape model, Layout layout)
    {
        if (layout.Pp == 1)
            yield break;
        var chunks = layout.Pp * layout.VirtualStages;
        var stages = Enumerable.Range(0, chunks).Select(chunk => new string('t', StageSplit.Layers(model.NumLayers, chunks, chunk)));
        yield return $"--pipeline-model-parallel-layout \"E{string.Join('|', stages)}L\"";
        if (layout.Schedule is PipelineScheduleKind.ZeroBubble or PipelineScheduleKind.GPipe)
            yield return $"# the schedule {LayoutText.Name(layout.Schedule)} has no flag: this runs 1f1b";
    }

    private static IEnumerable<string> Sharding(Layout layout)
    {
        yield return "--overlap-grad-reduce";
        if (layout.ZeroStage == 0)
            yield break;
        yield return "--use-distributed-optimizer";
        yield return "--overlap-param-gather";
        if (layout.DpReplicate > 1)
            yield return $"--num-distributed-optimizer-instances {layout.DpReplicate}";
        if (layout.ZeroStage == 1)
            yield break;
        yield return "--use-megatron-fsdp";
        yield return $"--data-parallel-sharding-strategy {(layout.ZeroStage == 2 ? "optim_grads" : "optim_grads_params")}";
    }

    private static IEnumerable<string> Recomputation(Layout layout) => layout.Recompute switch
    {
        Recompute.Full => ["--recompute-granularity full", "--recompute-method uniform", "--recompute-num-layers 1"],
        Recompute.Selective => ["--recompute-granularity selective", "--recompute-modules core_attn"],
        _ => [],
    };
}
