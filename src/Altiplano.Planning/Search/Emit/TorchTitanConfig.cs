using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search.Emit;

/// <summary>A phase's layout as a job file of torchtitan.</summary>
/// <remarks>Keys as in torchtitan 0.2.2 (torchtitan/config/job_config.py), the last release that reads TOML.</remarks>
public static class TorchTitanConfig
{
    public const string Version = "torchtitan 0.2.2";

    /// <summary>Lines of TOML; comments say what has no key.</summary>
    public static IReadOnlyList<string> Of(PlanRequest request, PhasePlan phase)
    {
        var layout = phase.Winner.Layout;
        return
        [
            $"# {Version}; {layout.World} GPUs: {layout.Mesh}",
            .. Model(request), "", .. Training(request, phase), "", .. Parallelism(request.Model, layout), "",
            "[activation_checkpoint]",
            $"mode = \"{Recomputation(layout.Recompute)}\"",
            .. layout.Recompute == Recompute.Selective ? ["selective_ac_option = \"op\""] : Array.Empty<string>(),
            .. request.Precision == Precision.Fp8 ? Fp8() : [],
        ];
    }

    private static IEnumerable<string> Model(PlanRequest request)
    {
        var flavor = request.Model.Name switch
        {
            "llama3-8b" or "llama3.1-8b" => "8B",
            "llama3-70b" or "llama3.1-70b" => "70B",
            "llama3.1-405b" => "405B",
            _ => null,
        };
        yield return "[model]";
        if (flavor is not null)
        {
            yield return "name = \"llama3\"";
            yield return $"flavor = \"{flavor}\"";
        }
        else
        {
            yield return $"# {request.Model.Name} is no flavor of torchtitan's: register it, and name it here";
        }

        if (request.Precision == Precision.Fp8)
            yield return "converters = [\"float8\"]";
    }

    private static IEnumerable<string> Training(PlanRequest request, PhasePlan phase)
    {
        var (layout, batch) = (phase.Winner.Layout, phase.Winner.GlobalBatchSequences);
        var local = layout.Pp > 1 ? layout.MicroBatchSize * layout.MicroBatches(batch) : layout.MicroBatchSize;
        yield return "[training]";
        yield return $"local_batch_size = {local}";
        yield return $"global_batch_size = {batch}";
        yield return $"seq_len = {phase.Phase.SeqLen}";
        yield return $"steps = {Math.Ceiling(phase.Phase.Tokens / phase.TokensPerStep):0}";
        yield return $"mixed_precision_param = \"{(request.Precision == Precision.Fp32 ? "float32" : "bfloat16")}\"";
    }

    private static IEnumerable<string> Parallelism(TransformerShape model, Layout layout)
    {
        yield return "[parallelism]";
        yield return $"data_parallel_replicate_degree = {layout.DpReplicate}";
        yield return $"data_parallel_shard_degree = {layout.DpShard}";
        yield return $"fsdp_reshard_after_forward = \"{(layout.ZeroStage == 3 ? "always" : "never")}\"";
        if (layout.ZeroStage < 2)
            yield return $"# zero {layout.ZeroStage} has no key: this shards gradients too";
        yield return $"tensor_parallel_degree = {layout.Tp}";
        if (layout.Tp > 1 && !layout.HasSequenceParallel)
            yield return "# tensor parallelism always splits the sequence too";
        yield return $"pipeline_parallel_degree = {layout.Pp}";
        foreach (var line in layout.Pp > 1 ? Pipeline(model, layout) : [])
            yield return line;
        yield return $"context_parallel_degree = {layout.Cp}";
        if (layout.Cp > 1)
            yield return $"context_parallel_rotate_method = \"{(layout.CpMethod == ContextParallelMethod.Ring ? "alltoall" : "allgather")}\"";
        if (model.Mixture is null)
            yield break;
        yield return $"expert_parallel_degree = {layout.Ep}";
        yield return $"expert_tensor_parallel_degree = {layout.Tp}";
    }

    private static IEnumerable<string> Pipeline(TransformerShape model, Layout layout)
    {
        var chunks = layout.Pp * layout.VirtualStages;
        var (first, last) = (StageSplit.Layers(model.NumLayers, chunks, 0), StageSplit.Layers(model.NumLayers, chunks, chunks - 1));
        var most = Enumerable.Range(0, chunks).Max(chunk => StageSplit.Layers(model.NumLayers, chunks, chunk));
        yield return $"pipeline_parallel_microbatch_size = {layout.MicroBatchSize}";
        yield return $"pipeline_parallel_layers_per_stage = {most}";
        yield return $"pipeline_parallel_first_stage_less_layers = {most - first}";
        yield return $"pipeline_parallel_last_stage_less_layers = {most - last}";
        yield return $"pipeline_parallel_schedule = \"{Schedule(layout.Schedule)}\"";
        if (layout.Schedule == PipelineScheduleKind.ZeroBubble)
            yield return "# zero_bubble with one chunk a rank (ZB-H1) has no name: this runs 1F1B";
    }

    private static string Schedule(PipelineScheduleKind kind) => kind switch
    {
        PipelineScheduleKind.InterleavedOneForwardOneBackward => "Interleaved1F1B",
        PipelineScheduleKind.GPipe => "GPipe",
        _ => "1F1B",
    };

    private static string Recomputation(Recompute recompute) => recompute switch
    {
        Recompute.None => "none",
        Recompute.Selective => "selective",
        _ => "full",
    };

    private static string[] Fp8() => ["", "[quantize.linear.float8]", "enable_fsdp_float8_all_gather = true", "filter_fqns = [\"output\"]"];
}
