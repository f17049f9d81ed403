using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>A part of a run with one batch and one sequence length.</summary>
/// <param name="Name">For example <c>4,096 tokens a sequence</c>.</param>
/// <param name="Tokens">Tokens that are trained in it.</param>
/// <param name="SeqLen">Tokens of one sequence.</param>
/// <param name="MinBatchSequences">Fewest sequences of a step.</param>
/// <param name="MaxBatchSequences">Most sequences of a step; the same where the batch is no range.</param>
public sealed record PlanPhase(string Name, double Tokens, int SeqLen, long MinBatchSequences, long MaxBatchSequences);

/// <summary>What is to be planned: a model, the machines, the run's phases, and what matters.</summary>
public sealed record PlanRequest
{
    public required TransformerShape Model { get; init; }
    public required ClusterSpec Cluster { get; init; }
    public required StackCoefficients Stack { get; init; }
    public required IReadOnlyList<PlanPhase> Phases { get; init; }

    /// <summary>Null where failures are not counted.</summary>
    public RunReliability? Reliability { get; init; }

    public Precision Precision { get; init; } = Precision.Bf16;

    /// <summary>GPUs of the cluster that the run may use; all of them unless given.</summary>
    public int? Gpus { get; init; }

    /// <summary>Also tries fewer GPUs: more of them may take longer, as the batch does not grow with them and failures do.</summary>
    public bool ChoosesGpus { get; init; }

    public FixedChoices Fixed { get; init; } = FixedChoices.None;
    public Objective Objective { get; init; }

    /// <summary>
    /// Schedules to choose from where none is given. Zero bubble is only for who asks for it: no published run
    /// calibrates it, and few frameworks have it.
    /// </summary>
    public IReadOnlyList<PipelineScheduleKind> Schedules { get; init; } =
        [PipelineScheduleKind.OneForwardOneBackward, PipelineScheduleKind.InterleavedOneForwardOneBackward, PipelineScheduleKind.GPipe];

    public MemoryRule MemoryRule { get; init; }

    /// <summary>Most bytes that a rank may be predicted to need.</summary>
    public double MemoryLimit => MemoryMargin.Limit(Cluster.Gpu.Memory.Value, MemoryRule);

    /// <summary>Money is what the owner of the cluster pays (write-off, energy, operations); else the market's rent.</summary>
    public bool IsOwned { get; init; }

    public PlanLimits Limits { get; init; } = PlanLimits.None;

    /// <summary>What was assumed where nothing was given, in sentences that head the plan's notes.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>Layouts to report.</summary>
    public int Top { get; init; } = 5;

    /// <summary>Evaluates every layout, also those that cannot win.</summary>
    public bool IsExhaustive { get; init; }

    public int Threads { get; init; } = 1;

    /// <summary>Gives each phase its own mesh, where it would otherwise keep that of the phase with most tokens.</summary>
    public bool ReplansPhases { get; init; }

    public Workload WorkloadOf(PlanPhase phase, long batchSequences) => new()
    {
        Model = Model, SeqLen = phase.SeqLen, GlobalBatchSequences = batchSequences, Precision = Precision,
    };
}
