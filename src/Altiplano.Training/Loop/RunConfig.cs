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
            Batch = Spec.Batch.Decided(),
        },
        Optimizer = Optimizer with
        {
            DecaySteps = Optimizer.LrSchedule == LrSchedule.Wsd
                ? Optimizer.DecaySteps.Or((int)Math.Min(TotalSteps / 10, int.MaxValue))
                : Optimizer.DecaySteps,
        },
        Run = Run with { Threads = Run.Threads.Or(cores) },
    };

    /// <summary>Every contradiction between sections.</summary>
    public IReadOnlyList<string> FindProblems()
    {
        var problems = new List<string>(Spec.Mesh.FindProblemsOnOneProcess("mesh"));
        problems.AddRange(Optimizer.FindProblemsIn(TotalSteps, "optimizer"));
        var context = Spec.Model.Architecture.MaxPositionEmbeddings;
        if (Spec.Batch.SeqLen > context)
        {
            problems.Add($"batch.seq_len is {Spec.Batch.SeqLen}, but the model's max_position_embeddings is {context}. " +
                $"Use {context} or fewer, or raise model.max_position_embeddings.");
        }

        return problems;
    }
}
