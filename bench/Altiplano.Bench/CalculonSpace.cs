using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Bench;

/// <summary>
/// The executions that Calculon enumerates for its one-trillion-parameter model on 4,096 H100 with a batch of 4,096 sequences
/// (<c>llm-optimal-execution</c>, system without second-tier memory, two networks): 1,053,228.
/// </summary>
/// <remarks>
/// Its axes that are no choice in our terms (the network that each axis runs on, which placement decides here; how a stack overlaps
/// communication; gathering inputs again) multiply the layouts: <see cref="CalculonExecution.Copies"/>.
/// </remarks>
internal static class CalculonSpace
{
    public const long Executions = 1_053_228;

    private const int Gpus = 4096;
    private const int Batch = 4096;
    private const int Networks = 2;

    public static TransformerShape Model { get; } = new()
    {
        Name = "megatron-1T", VocabSize = 51200, HiddenSize = 25600, IntermediateSize = 102400, NumLayers = 128, NumAttentionHeads = 160,
        NumKeyValueHeads = 160, IsMlpGated = false,
    };

    public static Workload Workload(long sequences) => new() { Model = Model, SeqLen = 2048, GlobalBatchSequences = sequences };

    public static IEnumerable<CalculonExecution> Enumerate() =>
        from tp in Divisors(Gpus)
        where Model.HiddenSize % tp == 0 && Model.NumAttentionHeads % tp == 0
        from pp in Divisors(Math.Min(Gpus / tp, Model.NumLayers))
        where Gpus % (tp * pp) == 0 && Model.NumLayers % pp == 0
        let dp = Gpus / tp / pp
        from interleaving in pp == 1 ? [1] : Divisors(Model.NumLayers / pp)
        from recompute in new[] { Recompute.Full, Recompute.Selective, Recompute.None }
        from zero in dp > 1 ? new[] { 1, 0 } : [0]
        from reduction in new[] { Reduction.AllReduce, Reduction.SendScatterGather, Reduction.ScatterGather }
        from microBatch in Divisors(Batch / dp)
        where microBatch * 2048 % tp == 0
        select new CalculonExecution(
            Layout(tp, pp, dp, interleaving, recompute, zero, reduction, microBatch), Batch / dp * dp, Copies(tp, pp, dp, recompute, reduction));

    private enum Reduction
    {
        AllReduce,
        SendScatterGather,
        ScatterGather,
    }

    private static Layout Layout(int tp, int pp, int dp, int interleaving, Recompute recompute, int zero, Reduction reduction, int microBatch) => new()
    {
        Tp = tp, Pp = pp, DpShard = dp, VirtualStages = interleaving, MicroBatchSize = microBatch, ZeroStage = zero, Recompute = recompute,
        HasSequenceParallel = tp > 1 && reduction != Reduction.AllReduce,
        Schedule = interleaving > 1 ? PipelineScheduleKind.InterleavedOneForwardOneBackward : PipelineScheduleKind.OneForwardOneBackward,
    };

    /// <summary>Gathering again x data-parallel overlap x three tensor-parallel overlaps x the network of each axis.</summary>
    private static int Copies(int tp, int pp, int dp, Recompute recompute, Reduction reduction) =>
        (reduction == Reduction.ScatterGather && recompute != Recompute.Full ? 2 : 1) * (dp > 1 ? 2 : 1) * (tp > 1 ? 3 : 1)
        * (tp > 1 ? Networks : 1) * (pp > 1 ? Networks : 1) * (dp > 1 ? Networks : 1);

    private static int[] Divisors(int number) => [.. Enumerable.Range(1, number).Where(d => number % d == 0)];
}

/// <param name="Copies">Executions of Calculon's that are this layout.</param>
internal readonly record struct CalculonExecution(Layout Layout, long GlobalBatchSequences, int Copies);
