namespace Altiplano.Planning.Economics;

/// <summary>A published relation between the compute of a run and the best use of it.</summary>
/// <remarks>Published, not measured by us: each holds for the corpus, the architecture and the budgets of its paper.</remarks>
public abstract record ScalingLaw
{
    public required string Name { get; init; }
    public required string Source { get; init; }

    /// <summary>Smallest and largest budget among the runs that were fitted, in FLOPs.</summary>
    public required double MinFlops { get; init; }
    public required double MaxFlops { get; init; }

    /// <summary>In words, for a reader: the range and what else to know.</summary>
    public required string Validity { get; init; }

    /// <summary>Every law that ships, the one for our models first.</summary>
    public static IReadOnlyList<ScalingLaw> Published { get; } = [TokenLaw.Llama3, LossLaw.Epoch, LossLaw.Chinchilla];

    /// <param name="flops">Of the whole training run.</param>
    public abstract ComputeOptimal For(double flops);

    protected bool IsOutside(double flops) => flops < MinFlops || flops > MaxFlops;
}
