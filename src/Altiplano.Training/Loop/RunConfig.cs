using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Optimization;

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

    /// <summary>
    /// The same run with everything that the run file left to us decided for one process on <paramref name="cores"/> cores.
    /// </summary>
    public RunConfig Decided(int cores) => this with
    {
        Spec = Spec with
        {
            Mesh = new MeshSpec(),
            Parallel = Spec.Parallel.OnOneProcess(),
            Batch = Spec.Batch.Decided(),
        },
        Optimizer = Optimizer with
        {
            DecaySteps = Optimizer.LrSchedule == LrSchedule.Wsd
                ? Optimizer.DecaySteps.Or((int)Math.Min(TotalSteps / 10, int.MaxValue))
                : Optimizer.DecaySteps,
        },
        Run = Run with { Threads = Run.Threads.Or(cores), CheckpointEvery = Run.CheckpointEvery.Or(RunSection.UsualCheckpointEvery) },
    };

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

        if (Spec.Model.IsDenseLlama)
            problems.AddRange(FindLengthProblems(Spec.Model.Architecture.MaxPositionEmbeddings));
        return problems;
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
