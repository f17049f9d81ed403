using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Mesh;

/// <summary>Which layouts of a workload exist on a cluster; memory is not asked here.</summary>
/// <remarks>
/// Allowed, though rarely wise: tp or ep wider than a server, fewer GPUs than the cluster has, tp above the number of key/value heads
/// (each is then held by tp / K ranks, as Megatron and Meta do), a vocabulary that tp does not divide (its rows are padded), ZeRO 2
/// and 3 under a pipeline (gradients are reduced, under ZeRO 3 parameters gathered, once for each microbatch), and chunks that hold
/// the embedding or the head alone (Llama 3 405B on 16 stages of 8
/// chunks: 126 + 2).
/// </remarks>
public static class LayoutRules
{
    /// <summary>True where <see cref="FindProblems"/> would find none; allocates nothing.</summary>
    public static bool IsLegal(Workload workload, ClusterSpec cluster, in Layout layout) =>
        HasPositiveDegrees(layout)
        && World(layout) <= cluster.NumGpus
        && DividesHeads(workload.Model, layout.Tp)
        && DividesWidths(workload.Model, layout.Tp)
        && DividesSequence(workload, layout)
        && FitsPipeline(workload, layout)
        && DividesExperts(workload.Model, layout)
        && DividesBatch(workload, layout)
        && layout.ZeroStage is >= 0 and <= 3;

    /// <summary>Every reason why a layout does not exist, each with the value, the rule and the nearest legal values.</summary>
    /// <param name="path">What comes before the run file's keys (<c>mesh.tp</c>) in each message; empty for nothing.</param>
    public static IReadOnlyList<string> FindProblems(Workload workload, ClusterSpec cluster, in Layout layout, string path) =>
        new LayoutProblems(workload, cluster, layout, LayoutWords.RunFile(path)).Find();

    /// <summary>The same on machines that are as many as the layout needs.</summary>
    public static IReadOnlyList<string> FindProblems(Workload workload, in Layout layout, string path) =>
        new LayoutProblems(workload, null, layout, LayoutWords.RunFile(path)).Find();

    /// <summary>The same, in other words than a run file's.</summary>
    internal static IReadOnlyList<string> FindProblems(Workload workload, ClusterSpec cluster, in Layout layout, LayoutWords words) =>
        new LayoutProblems(workload, cluster, layout, words).Find();

    /// <summary>All ranks; a double, since nonsensical degrees may exceed 2^63.</summary>
    internal static double World(in Layout layout) =>
        (double)layout.Tp * layout.Cp * layout.DpShard * layout.DpReplicate * layout.Pp;

    internal static bool HasPositiveDegrees(in Layout layout) =>
        layout is { Tp: > 0, Cp: > 0, DpShard: > 0, DpReplicate: > 0, Pp: > 0, Ep: > 0, VirtualStages: > 0, MicroBatchSize: > 0 };

    /// <summary>Whole query heads on each rank, and whole key/value heads or whole copies of one.</summary>
    internal static bool DividesHeads(TransformerShape model, int tp) =>
        model.NumAttentionHeads % tp == 0
        && (model.LatentAttention is not null || model.NumKeyValueHeads % tp == 0 || tp % model.NumKeyValueHeads == 0);

    internal static bool DividesWidths(TransformerShape model, int tp) =>
        (model.NumMixtureLayers == model.NumLayers || model.IntermediateSize % tp == 0)
        && (model.Mixture is not { } mixture
            || (mixture.ExpertIntermediateSize % tp == 0 && mixture.SharedIntermediateSize % tp == 0));

    /// <summary>Two equal pieces of a sequence for each cp rank (head and tail, for causal balance), each cut by tp under SP.</summary>
    internal static bool DividesSequence(Workload workload, in Layout layout) => workload.SeqLen % SequencePieces(layout) == 0;

    internal static long SequencePieces(in Layout layout) =>
        (layout.Cp > 1 ? 2L * layout.Cp : 1) * (layout.HasSequenceParallel ? layout.Tp : 1);

    internal static bool FitsPipeline(Workload workload, in Layout layout)
    {
        var isInterleaved = layout.Schedule == PipelineScheduleKind.InterleavedOneForwardOneBackward;
        return (long)layout.Pp * layout.VirtualStages <= MaxChunks(workload.Model)
            && (isInterleaved ? layout is { VirtualStages: > 1, Pp: > 1 } : layout.VirtualStages == 1)
            && (!isInterleaved || layout.MicroBatches(workload.GlobalBatchSequences) >= layout.Pp);
    }

    /// <summary>Each chunk holds a layer, the embedding or the head.</summary>
    internal static int MaxChunks(TransformerShape model) => model.NumLayers + 2;

    internal static bool DividesExperts(TransformerShape model, in Layout layout) =>
        layout.Ep == 1
        || (model.Mixture is { } mixture && mixture.NumExperts % layout.Ep == 0 && (long)layout.DpShard * layout.Cp % layout.Ep == 0);

    internal static bool DividesBatch(Workload workload, in Layout layout) =>
        workload.GlobalBatchSequences % ((long)layout.Dp * layout.MicroBatchSize) == 0;
}
