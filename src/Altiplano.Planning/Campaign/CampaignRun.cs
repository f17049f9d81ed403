using Altiplano.Planning.Architecture;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Campaign;

/// <summary>One training run of a campaign, as its author asks for it.</summary>
public sealed record CampaignRun
{
    public required string Name { get; init; }
    public required TransformerShape Model { get; init; }

    /// <summary>Tokens that are trained.</summary>
    public required TokenCount Tokens { get; init; }

    /// <summary>GPUs that the run holds from its start to its end; this or <see cref="Share"/>.</summary>
    public int? Gpus { get; init; }

    /// <summary>Part of the fleet, rounded down to whole servers.</summary>
    public double? Share { get; init; }

    public required int SeqLen { get; init; }

    /// <summary>Tokens of one step; the most, where the planner may choose fewer.</summary>
    public required TokenCount GlobalBatchTokens { get; init; }

    /// <summary>Fewest tokens of a step; <see cref="GlobalBatchTokens"/> unless given.</summary>
    public TokenCount? MinGlobalBatchTokens { get; init; }

    public Precision Precision { get; init; } = Precision.Bf16;

    /// <summary>Model FLOP/s of one GPU while it steps, where it is known; else the planner finds a layout.</summary>
    public FlopsPerSecond? Rate { get; init; }

    /// <summary>Part of the time that trains for good, beside <see cref="Rate"/>; 1 where the rate already counts failures.</summary>
    public double Goodput { get; init; } = 1;

    /// <summary>Runs that must end before this one starts.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Of the runs that could start, those with the higher number start first.</summary>
    public int Priority { get; init; }

    /// <summary>The run whose model this one learns from; it must have ended, so it counts as one of <see cref="After"/>.</summary>
    public string? Teacher { get; init; }

    /// <summary>
    /// Tokens whose targets need a forward pass of the teacher on this run's GPUs. Targets saved while the teacher trained cost
    /// nothing here: codistillation as Llama 4 did it pays only for data that the teacher has not seen.
    /// </summary>
    public TokenCount TeacherTokens { get; init; }

    /// <summary>All runs that must have ended: those named, and the teacher.</summary>
    public IEnumerable<string> Needs => Teacher is null ? After : After.Append(Teacher).Distinct();

    /// <summary>Model FLOPs of training one token: products with the parameters it meets, and causal attention; recompute is not counted.</summary>
    public double FlopsPerToken => ShapeFlops.Of(Model, SeqLen).PerSequence / SeqLen;

    /// <summary>GPUs that the run holds on a fleet: whole servers.</summary>
    public int GpusOf(int fleet, int gpusPerServer) => Gpus ?? (int)Math.Floor(Share.GetValueOrDefault() * fleet / gpusPerServer + 1e-9) * gpusPerServer;
}
