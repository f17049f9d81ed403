namespace Altiplano.Planning.Economics;

/// <summary>Loss of a run from its size and length: L(N, D) = E + A / N^α + B / D^β; compute is 6·N·D.</summary>
public sealed record LossLaw : ScalingLaw
{
    private const double FlopsPerParameterToken = 6;

    /// <summary>Hoffmann et al. 2022, as printed.</summary>
    public static LossLaw Chinchilla { get; } = new()
    {
        Name = "chinchilla",
        Source = "Hoffmann et al. 2022, arXiv:2203.15556 eq. 10",
        MinFlops = 6e18,
        MaxFlops = 3e21,
        Validity = "fitted to 70M to 16B parameters on 5B to 500B tokens of MassiveText; its optimum disagrees with the paper's other two methods",
        E = 1.69,
        A = 406.4,
        B = 410.7,
        Alpha = 0.34,
        Beta = 0.28,
    };

    /// <summary>The same runs fitted anew; agrees with Chinchilla's other two methods.</summary>
    public static LossLaw Epoch { get; } = new()
    {
        Name = "chinchilla-epoch",
        Source = "Besiroglu et al. 2024, arXiv:2404.10102",
        MinFlops = 6e18,
        MaxFlops = 3e21,
        Validity = "fitted to 240 of Chinchilla's runs read off a figure; standard errors: E 0.03, alpha and beta 0.02",
        E = 1.8172,
        A = 482.01,
        B = 2085.43,
        Alpha = 0.3478,
        Beta = 0.3658,
    };

    public required double E { get; init; }
    public required double A { get; init; }
    public required double B { get; init; }
    public required double Alpha { get; init; }
    public required double Beta { get; init; }

    /// <returns>Nats a token.</returns>
    public double Loss(double parameters, double tokens) => E + A / Math.Pow(parameters, Alpha) + B / Math.Pow(tokens, Beta);

    /// <remarks>N* = G · (C/6)^(β/(α+β)), G = (αA / βB)^(1/(α+β)): Hoffmann et al., eq. 4.</remarks>
    public override ComputeOptimal For(double flops)
    {
        var products = flops / FlopsPerParameterToken;
        var g = Math.Pow(Alpha * A / (Beta * B), 1 / (Alpha + Beta));
        var parameters = g * Math.Pow(products, Beta / (Alpha + Beta));
        var tokens = products / parameters;
        return new ComputeOptimal(parameters, tokens, Loss(parameters, tokens), IsOutside(flops));
    }
}
