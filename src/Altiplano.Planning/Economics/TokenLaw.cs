namespace Altiplano.Planning.Economics;

/// <summary>Best number of tokens as a power of compute: N*(C) = A · C^α.</summary>
public sealed record TokenLaw : ScalingLaw
{
    /// <summary>Llama 3's law.</summary>
    /// <remarks>
    /// The paper prints (α, A) = (0.53, 0.29), and for 3.8e25 FLOPs 402B parameters on 16.55T tokens. The printed digits give 10.5T;
    /// 0.53727 and 0.299, which are cut to the printed digits, give 16.55T. FLOPs for each parameter and token follow from that pair.
    /// </remarks>
    public static TokenLaw Llama3 { get; } = new()
    {
        Name = "llama3",
        Source = "Llama Team 2024, arXiv:2407.21783 §3.2.1",
        MinFlops = 6e18,
        MaxFlops = 1e22,
        Validity = "fitted to models of 40M to 16B parameters at 6e18 to 1e22 FLOPs; constants restored from the paper's own extrapolation",
        Alpha = 0.53727,
        A = 0.299,
        FlopsPerParameterToken = 3.8e25 / (402e9 * 16.55e12),
    };

    public required double Alpha { get; init; }
    public required double A { get; init; }
    public required double FlopsPerParameterToken { get; init; }

    public override ComputeOptimal For(double flops)
    {
        var tokens = A * Math.Pow(flops, Alpha);
        return new ComputeOptimal(flops / (FlopsPerParameterToken * tokens), tokens, null, IsOutside(flops));
    }
}
