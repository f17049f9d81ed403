using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>The choices that the user has made; what is auto is the search's.</summary>
public sealed record FixedChoices
{
    public static FixedChoices None { get; } = new();

    public OrAuto<int> Tp { get; init; }
    public OrAuto<int> Cp { get; init; }
    public OrAuto<int> Pp { get; init; }
    public OrAuto<int> DpShard { get; init; }
    public OrAuto<int> DpReplicate { get; init; }
    public OrAuto<int> Ep { get; init; }
    public OrAuto<int> MicroBatchSize { get; init; }
    public OrAuto<int> VirtualStages { get; init; }
    public OrAuto<int> ZeroStage { get; init; }
    public OrAuto<bool> SequenceParallel { get; init; }
    public OrAuto<Recompute> Recompute { get; init; }
    public OrAuto<PipelineScheduleKind> Schedule { get; init; }
    public OrAuto<ContextParallelMethod> CpMethod { get; init; }

    /// <summary>True where the search chose <see cref="Pp"/>, for another phase: each chunk must then hold a layer.</summary>
    public bool HasOpenPipeline { get; init; }

    /// <summary>Every choice as a layout makes it.</summary>
    public static FixedChoices Of(in Layout layout) => None.OnMeshOf(layout) with
    {
        HasOpenPipeline = false,
        MicroBatchSize = layout.MicroBatchSize,
        VirtualStages = layout.VirtualStages,
        ZeroStage = layout.ZeroStage,
        SequenceParallel = layout.HasSequenceParallel,
        Recompute = layout.Recompute,
        Schedule = layout.Schedule,
        CpMethod = layout.CpMethod,
    };

    /// <summary>The number of ranks where every degree is given; else null.</summary>
    public long? World => (Tp.Given, Cp.Given, Pp.Given, DpShard.Given, DpReplicate.Given) is ({ } tp, { } cp, { } pp, { } shard, { } replicate)
        ? (long)tp * cp * pp * shard * replicate
        : null;

    /// <summary>True where tp, cp, pp and ep are all given.</summary>
    public bool HasMesh => !(Tp.IsAuto || Cp.IsAuto || Pp.IsAuto || Ep.IsAuto);

    /// <summary>The same choices with the mesh of a layout, as later phases of a run keep it.</summary>
    public FixedChoices OnMeshOf(in Layout layout) => this with
    {
        Tp = layout.Tp,
        Cp = layout.Cp,
        Pp = layout.Pp,
        DpShard = layout.DpShard,
        DpReplicate = layout.DpReplicate,
        Ep = layout.Ep,
        HasOpenPipeline = Pp.IsAuto,
    };
}
