using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;

namespace Altiplano.Training.Parallel;

/// <summary>How the ranks of a mesh share one model.</summary>
/// <param name="ZeroStage">What is spread over dp_shard x cp: 0 nothing, 1 the optimizer's state, 2 gradients too, 3 weights too.</param>
/// <param name="Schedule">In which order pipeline ranks run the pieces of their microbatches.</param>
/// <param name="VirtualStages">Chunks of the model on each pipeline rank.</param>
/// <param name="CpMethod">How cp ranks see one another's keys and values.</param>
/// <param name="HasSequenceParallel">Rows of norms and residuals split over tp; without, each tp rank has all of them.</param>
public sealed record Sharding(
    DeviceMesh Mesh, int ZeroStage, PipelineScheduleKind Schedule = PipelineScheduleKind.OneForwardOneBackward, int VirtualStages = 1,
    ContextParallelMethod CpMethod = ContextParallelMethod.AllGather, bool HasSequenceParallel = true)
{
    /// <summary>As a layout says.</summary>
    public Sharding(DeviceMesh mesh, in Layout layout)
        : this(mesh, layout.ZeroStage, layout.Schedule, layout.VirtualStages, layout.CpMethod, layout.HasSequenceParallel)
    {
    }

    /// <summary>One process, which has all of everything.</summary>
    public static Sharding None { get; } = new(DeviceMesh.Single, 0);

    /// <summary>The axis that cuts products, and with sequence parallelism the rows between them.</summary>
    public Axis Tp => HasSequenceParallel ? Mesh.Tp : Mesh.Tp.WithWholeRows();

    /// <summary>The axis whose ranks each keep one part of a flat buffer.</summary>
    public Axis Axis => IsOfExperts ? Mesh.ExpertFsdp : Mesh.Fsdp;

    /// <summary>True for the weights of routed experts, of which ranks of ep have different ones.</summary>
    public bool IsOfExperts { get; private init; }

    /// <summary>How the ranks share one parameter.</summary>
    public Sharding Of(ParameterSpec parameter) => parameter.IsExpert ? this with { IsOfExperts = true } : this;

    /// <summary>Parts that the optimizer's state is in.</summary>
    public int NumParts => ZeroStage == 0 ? 1 : Axis.Degree;

    /// <summary>True where all weights stay in memory between their uses.</summary>
    public bool KeepsWeights => NumParts == 1 || ZeroStage < 3;

    /// <summary>True where the gradients of all microbatches are summed before they are spread.</summary>
    public bool KeepsGradients => NumParts == 1 || ZeroStage < 2;

    /// <summary>Elements of each part of a buffer; the last part is filled up with zeros.</summary>
    public long PartLength(long length) => (length + NumParts - 1) / NumParts;

    /// <summary>First element of this rank's part.</summary>
    public long PartStart(long length) => NumParts == 1 ? 0 : Axis.Rank * PartLength(length);

    /// <summary>Every reason why the ranks of tp and ep cannot share a model.</summary>
    public IReadOnlyList<string> FindProblems(LlamaArchitecture model) => [.. FindHeadProblems(model), .. FindExpertProblems(model)];

    private IEnumerable<string> FindHeadProblems(LlamaArchitecture model)
    {
        var (tp, heads) = (Mesh.Tp.Degree, model.NumKeyValueHeads);
        if (heads % tp == 0)
            yield break;
        var degrees = Enumerable.Range(1, heads).Where(degree => heads % degree == 0).ToList();
        var others = string.Join(", ", degrees.SkipLast(1));
        yield return $"mesh.tp is {tp}, but the model has {heads} key/value heads and each rank needs whole heads. " +
            $"Use {(others.Length == 0 ? "" : $"{others} or ")}{degrees[^1]}.";
    }

    private IEnumerable<string> FindExpertProblems(LlamaArchitecture model)
    {
        var ep = Mesh.Ep.Degree;
        if (ep == 1 || model.Mixture?.NumExperts % ep == 0)
            return [];
        return model.Mixture is { } mixture
            ? [$"mesh.ep is {ep}, but the {mixture.NumExperts} experts must divide by it: each rank needs whole experts. " +
                $"Use 1 or {mixture.NumExperts}."]
            : [$"mesh.ep is {ep}, but the model has no experts. Use 1."];
    }

    /// <summary>What of the model this rank's pipeline stage has.</summary>
    public IReadOnlyList<PipelineChunk> ChunksOf(LlamaArchitecture model) =>
        PipelineChunk.OfRank(model.NumLayers, Mesh.Pp.Degree, VirtualStages, Mesh.Pp.Rank);

    /// <summary>What the pipeline ranks do in a step of so many microbatches.</summary>
    public PipelineSchedule ScheduleOf(int microbatches) => PipelineSchedule.Of(Schedule, Mesh.Pp.Degree, VirtualStages, microbatches);

    /// <summary>True on the last stage for a copy of the first stage's embedding, which it reads as its head.</summary>
    public bool IsReplica(ParameterSpec parameter) => parameter.Role == ParameterRole.Embedding && Mesh.Pp.Rank > 0;
}
