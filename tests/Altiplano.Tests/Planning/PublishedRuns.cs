using System.Text.Json;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Tests.Planning;

/// <summary>One record of the published measurements whose shape and layout are known.</summary>
internal sealed record PublishedRun(
    string Id, string Source, string Gpu, int NumGpus, bool IsRecommended, bool IsComplete, bool CountsBiases, double? Parameters,
    double? MemoryGb, Workload Workload, Layout Layout);

/// <summary>The measured training runs, in this project's words.</summary>
internal static class PublishedRuns
{
    public static IReadOnlyList<PublishedRun> Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestAssets.Require("published-runs.json")));
        return [.. from record in document.RootElement.EnumerateArray() where IsDescribed(record) select Of(record)];
    }

    private static bool IsDescribed(JsonElement record) => Number(record.GetProperty("model"), "layers") is not null;

    private static PublishedRun Of(JsonElement record)
    {
        var model = record.GetProperty("model");
        var precision = Text(record, "precision")!.StartsWith("fp8", StringComparison.Ordinal) ? Precision.Fp8 : Precision.Bf16;
        var seqLen = Whole(record, "seq", 0);
        return new PublishedRun(
            Text(record, "id")!, Text(record, "source")!, Text(record, "gpu")!, Whole(record, "gpus", 0), Flag(record, "recommended"), Flag(record, "complete"),
            Flag(model, "learned_pos_emb"), Number(model, "params"), Number(record.GetProperty("measured"), "memory_gb"),
            new Workload
            {
                Model = Shape(model, seqLen), SeqLen = seqLen, GlobalBatchSequences = Whole(record, "global_batch_seqs", 0), Precision = precision,
            },
            LayoutOf(record));
    }

    /// <remarks>A feed-forward part of two matrices marks a GPT: biases on everything.</remarks>
    private static TransformerShape Shape(JsonElement model, int seqLen) => new()
    {
        Name = Text(model, "name")!,
        VocabSize = Whole(model, "vocab", 0),
        HiddenSize = Whole(model, "hidden", 0),
        NumLayers = Whole(model, "layers", 0),
        NumAttentionHeads = Whole(model, "heads", 0),
        NumKeyValueHeads = Whole(model, "kv_heads", 0),
        HeadDim = Whole(model, "head_dim", 0),
        IntermediateSize = Whole(model, "ffn", 0),
        IsMlpGated = Flag(model, "gated_mlp"),
        TieWordEmbeddings = Flag(model, "tied"),
        HasBiases = !Flag(model, "gated_mlp"),
        LearnedPositions = Flag(model, "learned_pos_emb") ? seqLen : 0,
        Mixture = Number(model, "experts") is null ? null : new MixtureShape(
            Whole(model, "experts", 0), Whole(model, "topk", 1), Whole(model, "moe_ffn", Whole(model, "ffn", 0)), Whole(model, "shared_ffn", 0),
            Whole(model, "moe_every", 1), Whole(model, "dense_layers", 0)),
        LatentAttention = !Flag(model, "mla") ? null : new LatentAttentionShape(
            Whole(model, "q_lora", 0), Whole(model, "kv_lora", 0), Whole(model, "qk_nope", 0), Whole(model, "qk_rope", 0), Whole(model, "v_dim", 0)),
    };

    private static Layout LayoutOf(JsonElement record)
    {
        var virtualStages = Whole(record, "vp", 1);
        return new Layout
        {
            Tp = Whole(record, "tp", 1),
            Pp = Whole(record, "pp", 1),
            Cp = Whole(record, "cp", 1),
            DpShard = Whole(record, "dp", 1),
            Ep = Whole(record, "ep", 1),
            VirtualStages = virtualStages,
            MicroBatchSize = Whole(record, "micro_batch", 1),
            ZeroStage = Whole(record, "zero", 0),
            HasSequenceParallel = Flag(record, "sequence_parallel"),
            Recompute = Text(record, "recompute") switch { "full" => Recompute.Full, "selective" => Recompute.Selective, _ => Recompute.None },
            Schedule = virtualStages > 1 ? PipelineScheduleKind.InterleavedOneForwardOneBackward : PipelineScheduleKind.OneForwardOneBackward,
        };
    }

    private static double? Number(JsonElement of, string key) =>
        of.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static int Whole(JsonElement of, string key, int absent) => Number(of, key) is { } value ? (int)value : absent;

    private static string? Text(JsonElement of, string key) => of.TryGetProperty(key, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement of, string key) => of.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.True;
}
