using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop;

/// <summary>
/// One run file, read and checked: what is computed, on what data, by which optimizer, for how long, into which folder.
/// </summary>
public sealed record RunConfig
{
    public required RunSpec Spec { get; init; }
    public required DataConfig Data { get; init; }
    public OptimizerConfig Optimizer { get; init; } = new();
    public required RunSection Run { get; init; }

    /// <summary>Optimizer steps of the whole run.</summary>
    public long TotalSteps =>
        Run.Steps ?? ((Run.Tokens?.Value ?? 0) + Spec.Batch.GlobalBatchTokens.Value - 1) / Spec.Batch.GlobalBatchTokens.Value;

    public TokenCount TotalTokens => Spec.Batch.GlobalBatchTokens * TotalSteps;

    /// <summary>The mesh of a run in which every choice is made.</summary>
    public MeshShape Mesh => Spec.Mesh.On(ranks: null);

    /// <summary>The same run with everything that the run file left to us decided.</summary>
    /// <param name="cores">Cores of each rank.</param>
    /// <param name="ranks">Ranks that train; null for as many as the mesh has, where what is left to us is 1.</param>
    public RunConfig Decided(int cores, int? ranks = null)
    {
        var mesh = Spec.Mesh.On(ranks);
        return this with
        {
            Spec = Spec with
            {
                Mesh = MeshSpec.Of(mesh),
                Parallel = Spec.Parallel.On(mesh),
                Batch = Spec.Batch.Decided(mesh.IsCountable ? mesh.DpReplicate * mesh.DpShard : 1),
            },
            Optimizer = Optimizer with
            {
                DecaySteps = Optimizer.LrSchedule == LrSchedule.Wsd
                    ? Optimizer.DecaySteps.Or((int)Math.Min(TotalSteps / 10, int.MaxValue))
                    : Optimizer.DecaySteps,
            },
            Run = Run with { Threads = Run.Threads.Or(cores), CheckpointEvery = Run.CheckpointEvery.Or(RunSection.UsualCheckpointEvery) },
        };
    }

    /// <summary>How the ranks of the mesh share the model, every choice being made.</summary>
    public Sharding Sharding(DeviceMesh mesh) => new(mesh, Spec.ToLayout());

    /// <summary>Every reason why so many ranks cannot train a run in which every choice is made.</summary>
    /// <param name="start">The command line that starts them, without the number of ranks' launcher.</param>
    public IReadOnlyList<string> FindProblemsOn(int ranks, string start)
    {
        if (!Mesh.IsCountable || Mesh.World != ranks)
            return [DescribeWorld(ranks, start)];
        return [.. Spec.FindLayoutProblems()];
    }

    /// <summary>Every contradiction between sections.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        var problems = new List<string>();
        if (Run.HasLength)
            problems.AddRange(Optimizer.FindProblemsIn(TotalSteps, "optimizer"));
        if (Run.Tokens is { } tokens && Spec.Phases is [.., var last] && last.UntilTokens > tokens)
        {
            problems.Add($"phases[{Spec.Phases.Count - 1}].until_tokens is {last.UntilTokens}, but the run ends at run.tokens, " +
                $"which is {tokens}. Use {tokens} or less, or raise run.tokens.");
        }

        if (Spec.Model.IsTrainable)
            problems.AddRange(FindLengthProblems(Spec.Model.Architecture.MaxPositionEmbeddings));
        return problems;
    }

    private string DescribeWorld(int ranks, string start)
    {
        var identity = $"mesh is {Mesh.Product} = ";
        if (!Mesh.IsCountable)
            return $"{identity}more ranks than there can be. Use smaller degrees.";
        return ranks == 1
            ? $"{identity}{Mesh.World} ranks, but one process was started. " +
                $"Use mpirun --bind-to none -n {Mesh.World} {start}, or add --in-process for {Mesh.World} threads of one process."
            : $"{identity}{Mesh.World} ranks, but {ranks} were started. " +
                $"Start {Mesh.World}, or use degrees whose product is {ranks}; mesh.dp_shard: auto takes what the others leave.";
    }

    private IEnumerable<string> FindLengthProblems(int context)
    {
        var phases = Spec.Phases.Select((phase, i) => (Path: $"phases[{i}].seq_len", Length: phase.SeqLen));
        return
            from part in phases.Prepend((Path: "batch.seq_len", Length: Spec.Batch.SeqLen))
            where part.Length > context
            select $"{part.Path} is {part.Length}, but the model's max_position_embeddings is {context}. " +
                $"Use {context} or fewer, or raise model.max_position_embeddings.";
    }
}
