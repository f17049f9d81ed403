using Altiplano.Planning.Costs;
using Altiplano.Planning.Search;

namespace Altiplano.Planning.Backtest;

/// <summary>What became of a case: a prediction, or the reason why there is none.</summary>
public sealed record CaseResult(PublishedRun Run, CasePrediction? Prediction, string? Refusal);

/// <summary>A published run as the cost model sees it.</summary>
public sealed record CasePrediction
{
    public required MappedCase Case { get; init; }

    public required StackCoefficients Stack { get; init; }

    public required StepCost Cost { get; init; }

    /// <summary>Seconds of a step.</summary>
    public required Figure StepSeconds { get; init; }

    public double TokensPerSecondPerGpu => Case.Workload.TokensPerStep / (StepSeconds.Value * Case.Layout.World);

    /// <summary>Operations of the model on one GPU in a step: nothing recomputed, masked pairs not counted.</summary>
    public double ModelFlopsPerGpu =>
        ShapeFlops.Of(Case.Workload.Model, Case.Workload.SeqLen).PerSequence * Case.Workload.GlobalBatchSequences / Case.Layout.World;

    public double ModelTflopsPerGpu => ModelFlopsPerGpu / StepSeconds.Value / 1e12;

    public double MemoryGib => Cost.Memory.Total / Units.Bytes.PerGib;

    /// <summary>Bytes of the fullest rank with the leanest software of the stack.</summary>
    public required double LeastMemory { get; init; }

    public MemoryVerdict Memory => MemoryVerdicts.Of(Cost.Memory.Total, LeastMemory, Case.Cluster.Gpu.Memory.Value);

    /// <summary>False where not even the leanest software fits.</summary>
    public bool FitsInMemory => Memory != MemoryVerdict.DoesNotFit;
}
