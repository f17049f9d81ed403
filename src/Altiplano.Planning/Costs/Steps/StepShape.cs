using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;

namespace Altiplano.Planning.Costs.Steps;

/// <summary>One rank's part of a training step: all sizes that its operators, collectives and memory follow from.</summary>
/// <remarks>The trainer's own step is described, not a framework's: sequences of one document each, attention causal.</remarks>
public sealed record StepShape
{
    public required LlamaArchitecture Model { get; init; }
    public required Layout Layout { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int SeqLen { get; init; }

    /// <summary>Sequences of a step over all ranks.</summary>
    public required int SequencesPerStep { get; init; }

    public required Precision Precision { get; init; }

    /// <summary>Rows whose logits exist at a time.</summary>
    public required int HeadChunkRows { get; init; }

    /// <summary>World rank: tp innermost, then cp, dp_shard, dp_replicate, and pp outermost.</summary>
    public required int Rank { get; init; }

    public int Tp => Layout.Tp;

    /// <summary>Place on the pp axis.</summary>
    public int PpRank => (int)(Rank / (Layout.World / Layout.Pp));

    public int CpRank => Rank / Tp % Layout.Cp;

    public int TpRank => Rank % Tp;

    /// <summary>Bytes of a weight or an activation.</summary>
    public long Width => Precision switch { Precision.Fp64 => 8, Precision.Fp32 => 4, _ => 2 };

    /// <summary>Bytes of a gradient, a moment, or a sum.</summary>
    public long WideWidth => Precision == Precision.Fp64 ? 8 : 4;

    /// <summary>True where the optimizer updates weights of its own, which layers read rounded.</summary>
    public bool HasMaster => Width != WideWidth;

    public int MicroBatches => (int)Layout.MicroBatches(SequencesPerStep);

    /// <summary>Rows of a microbatch over all cp and tp ranks.</summary>
    public long Rows => (long)Layout.MicroBatchSize * SeqLen;

    /// <summary>Rows that products see: those of this cp rank.</summary>
    public long CpRows => Rows / Layout.Cp;

    /// <summary>Rows that norms and the residual stream see: those of this cp and tp rank.</summary>
    public long TpRows => CpRows / RowParts;

    /// <summary>Parts of the rows between products: without sequence parallelism each tp rank has all of them.</summary>
    public int RowParts => Layout.HasSequenceParallel ? Tp : 1;

    /// <summary>Where keys and values travel round the cp ranks.</summary>
    public bool HasRing => Layout is { Cp: > 1, CpMethod: ContextParallelMethod.Ring };

    public long D => Model.HiddenSize;

    /// <summary>Width of q‖k‖v.</summary>
    public long QkvWidth => (Heads + 2 * KeyHeads) * Model.HeadDim;

    /// <summary>Width of attention's output.</summary>
    public long OutputWidth => Heads * Model.HeadDim;

    /// <summary>Width of k‖v.</summary>
    public long KeyValueWidth => 2 * KeyHeads * Model.HeadDim;

    public long Heads => Model.NumAttentionHeads / Tp;

    public long KeyHeads => Model.NumKeyValueHeads / Tp;

    public long F => Model.IntermediateSize / Tp;

    /// <summary>Words of this rank's part of the vocabulary.</summary>
    public long V => ParameterSlice.Part(Model.VocabSize, TpRank, Tp).Count;

    public IReadOnlyList<PipelineChunk> Chunks => PipelineChunk.OfRank(Model.NumLayers, Layout.Pp, Layout.VirtualStages, PpRank);

    public PipelineSchedule Schedule => PipelineSchedule.Of(Layout, SequencesPerStep);

    /// <summary>Ranks that a flat buffer is spread over.</summary>
    public int FsdpDegree => Layout.DpShard * Layout.Cp;

    public string FsdpAxis => Layout.Cp == 1 ? "dp_shard" : "dp_shard_cp";

    /// <summary>Parts that the optimizer's state is in.</summary>
    public int NumParts => Layout.ZeroStage == 0 ? 1 : FsdpDegree;

    /// <summary>True where all weights stay in memory between their uses.</summary>
    public bool KeepsWeights => NumParts == 1 || Layout.ZeroStage < 3;

    /// <summary>True where the gradients of all microbatches are summed before they are spread.</summary>
    public bool KeepsGradients => NumParts == 1 || Layout.ZeroStage < 2;

    /// <summary>Where the weight halves of backward passes run apart from the others.</summary>
    public bool SplitsBackward => Layout.Schedule == PipelineScheduleKind.ZeroBubble;

    /// <summary>Bytes of the residual stream's rows on this rank, [R_cp,tp, D].</summary>
    public long Residual => TpRows * D * Width;

    /// <summary>Bytes of the same rows of all tp ranks, [R_cp, D].</summary>
    public long ResidualOfTp => CpRows * D * Width;

    /// <summary>Pairs of a query of this rank and a key that it sees, in one microbatch; the diagonal counts half.</summary>
    public double AttentionPairs
    {
        get
        {
            if (Layout.Cp == 1)
                return Layout.MicroBatchSize * ((double)SeqLen * SeqLen / 2);
            var piece = Rows / (2 * Layout.Cp);
            return PairsOf(CpRank * piece, piece) + PairsOf((2 * Layout.Cp - 1 - CpRank) * piece, piece);
        }
    }

    /// <summary>Of the queries in some rows that follow each other, which may belong to several sequences.</summary>
    private double PairsOf(long start, long length)
    {
        var pairs = 0.0;
        for (var row = start; row < start + length;)
        {
            var end = Math.Min(start + length, (row / SeqLen + 1) * SeqLen);
            pairs += (end - row) * (row % SeqLen + (double)(end - row) / 2);
            row = end;
        }

        return pairs;
    }
}
