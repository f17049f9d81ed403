using Altiplano.Planning.Hardware;
using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Search;

/// <summary>A figure that a plan rests on, and the same question with that figure multiplied.</summary>
/// <param name="Name">For example <c>network bandwidth</c>.</param>
/// <param name="Low">The smaller factor to try; 1 where less makes no sense.</param>
/// <param name="High">The larger one; 1 where more makes no sense.</param>
internal sealed record SensitivityFactor(string Name, double Low, double High, Func<PlanRequest, double, PlanRequest> Apply)
{
    private const double Share = 0.8;
    private const double Twice = 2;

    /// <summary>Those that mean something for a request.</summary>
    public static IEnumerable<SensitivityFactor> For(PlanRequest request) => All(request).Where(f => f.Low < 1 || f.High > 1);

    private static IEnumerable<SensitivityFactor> All(PlanRequest request)
    {
        var time = request.Stack.Time;
        yield return Efficiency("matrix efficiency", time.MatrixEfficiency, (r, f) => With(r, t => t with { MatrixEfficiency = f * t.MatrixEfficiency }));
        yield return Efficiency("attention efficiency", time.AttentionEfficiency, (r, f) => With(r, t => t with
        {
            AttentionEfficiency = f * t.AttentionEfficiency,
            ShardedAttentionEfficiency = f * t.ShardedAttentionEfficiency,
        }));
        yield return Rate("GPU memory bandwidth", (r, f) => With(r, s => s with { Gpu = s.Gpu with { MemoryBandwidth = s.Gpu.MemoryBandwidth * f } }));
        yield return Rate("NVLink bandwidth", (r, f) => With(r, s => s with { NvlinkBandwidth = s.NvlinkBandwidth * f }));
        yield return Rate("network bandwidth", (r, f) => With(r, n => n with { BandwidthPerGpu = n.BandwidthPerGpu * f }));
        yield return Doubled("network latency", (r, f) => With(
            With(r, n => n with { Tiers = [.. n.Tiers.Select(t => t with { Latency = t.Latency * f })] }),
            t => t with { NetworkHop = t.NetworkHop * f }));
        yield return PowerLimit(request);
        yield return Doubled("spread between ranks", (r, f) => With(r, t => t with { StragglerSigma = f * t.StragglerSigma }));
        if (request.Model.Mixture is not null)
            yield return Doubled("expert imbalance", (r, f) => With(r, t => t with { ExpertImbalance = 1 + f * (t.ExpertImbalance - 1) }));
        if (request.Reliability is not null)
        {
            yield return Doubled("failure rate", (r, f) => With(r, x => x with { Rates = Scaled(x.Rates, f) }));
            yield return Doubled("time to recover", (r, f) => With(r, x => x with { Policies = [.. x.Policies.Select(p => Scaled(p, f))] }));
        }

        if (request.IsOwned)
            yield return Doubled("price of energy", (r, f) => r with { Cluster = r.Cluster with { Prices = Scaled(r.Cluster.Prices, f) } });
    }

    private static SensitivityFactor Rate(string name, Func<PlanRequest, double, PlanRequest> apply) => new(name, Share, 1 / Share, apply);

    /// <summary>A share of a peak, which does not exceed it.</summary>
    private static SensitivityFactor Efficiency(string name, double share, Func<PlanRequest, double, PlanRequest> apply) =>
        new(name, Share, Math.Clamp(1 / share, 1, 1 / Share), apply);

    private static SensitivityFactor Doubled(string name, Func<PlanRequest, double, PlanRequest> apply) => new(name, 1 / Twice, Twice, apply);

    /// <remarks>The peak rates are stated for the rated power, so that more than that brings nothing that the model knows of.</remarks>
    private static SensitivityFactor PowerLimit(PlanRequest request)
    {
        var most = request.Cluster.Gpu.RatedPower.Value / request.Cluster.Gpu.PowerLimit.Value;
        return new("GPU power limit", Share, Math.Min(most, 1 / Share), (r, f) => With(r, s => s with
        {
            Gpu = s.Gpu with { PowerLimit = s.Gpu.PowerLimit * f, RatedPower = s.Gpu.RatedPower },
        }));
    }

    private static PlanRequest With(PlanRequest request, Func<Costs.TimeCoefficients, Costs.TimeCoefficients> change) =>
        request with { Stack = request.Stack with { Time = change(request.Stack.Time) } };

    private static PlanRequest With(PlanRequest request, Func<ServerSpec, ServerSpec> change) =>
        request with { Cluster = request.Cluster with { Server = change(request.Cluster.Server) } };

    private static PlanRequest With(PlanRequest request, Func<NetworkSpec, NetworkSpec> change) =>
        request with { Cluster = request.Cluster with { Network = change(request.Cluster.Network) } };

    private static PlanRequest With(PlanRequest request, Func<RunReliability, RunReliability> change) =>
        request with { Reliability = change(request.Reliability!) };

    private static FailureRates Scaled(FailureRates rates, double factor) => rates with
    {
        Components = [.. rates.Components.Select(c => c with { Rate = c.Rate with { Count = factor * c.Rate.Count } })],
    };

    private static RecoveryPolicy Scaled(RecoveryPolicy policy, double factor) => policy with
    {
        Detection = policy.Detection * factor,
        Restart = policy.Restart * factor,
        DiskRestart = policy.DiskRestart * factor,
        Replacement = policy.Replacement * factor,
        ReplicaDrop = policy.ReplicaDrop * factor,
    };

    private static PriceSpec Scaled(PriceSpec prices, double factor) => prices with { EnergyPerKwh = new(factor * prices.EnergyPerKwh.Value) };
}
