namespace Altiplano.Planning.Search;

/// <summary>The figures of one phase's winner, each with its interval and what it rests on; SI units.</summary>
/// <param name="StepSeconds">One optimizer step.</param>
/// <param name="TokensPerSecond">Of all ranks, failures not counted.</param>
/// <param name="Mfu">Model FLOPs over the peak: causal attention counted as half, nothing recomputed.</param>
/// <param name="Hfu">The same with what is recomputed.</param>
/// <param name="ModelFlopsPerGpu">Model FLOP/s of one GPU.</param>
/// <param name="MemoryBytes">Of the fullest rank.</param>
/// <param name="Seconds">Of the phase, failures counted.</param>
public sealed record PlanFigures(
    Figure StepSeconds, Figure TokensPerSecond, Figure Mfu, Figure Hfu, Figure ModelFlopsPerGpu, Figure MemoryBytes, Figure Seconds,
    Figure GpuHours, Figure Goodput, Figure FacilityWatts, Figure Joules, Figure Dollars)
{
    /// <summary>Spread of a share of lost time that failure rates explain: sources differ by a factor of two and more.</summary>
    private const double FailureSigma = 0.5;

    private const double PowerSigma = 0.05;
    private const double PriceSigma = 0.10;

    public static PlanFigures Of(PlanRequest request, PhasePlan phase)
    {
        var (winner, sigma) = (phase.Winner, Extrapolation.Sigma(request, phase.Winner.Layout.World));
        var (seconds, run) = (winner.Step.Time.Total, winner.Run);
        var peak = request.Cluster.Gpu.Peak(request.Precision).Value;
        var rate = ShapeFlops.Of(request.Model, phase.Phase.SeqLen).PerSequence * winner.GlobalBatchSequences / (winner.Layout.World * seconds);
        var lost = FailureSigma * (1 - run.Goodput);
        var time = Math.Sqrt(sigma * sigma + lost * lost);
        var step = request.Stack.Evidence;
        var afterFailures = request.Reliability is null ? step : Evidence.Assumed;
        return new PlanFigures(
            Figure.Around(seconds, sigma, step),
            Figure.Around(phase.TokensPerSecond, sigma, step),
            Figure.Around(rate / peak, sigma, step),
            Figure.Around(winner.Step.MatrixFlopsPerGpu / (peak * seconds), sigma, step),
            Figure.Around(rate, sigma, step),
            Figure.Around(winner.Step.Memory.Total, MemoryMargin.Sigma, step),
            Figure.Around(run.Seconds, time, afterFailures),
            Figure.Around(run.GpuHours, time, afterFailures),
            AtMostOne(Figure.Around(run.Goodput, lost, afterFailures)),
            Figure.Around(run.FacilityWatts, PowerSigma, Evidence.Assumed),
            Figure.Around(run.Joules, Math.Sqrt(time * time + PowerSigma * PowerSigma), Evidence.Assumed),
            Figure.Around(run.Dollars, Math.Sqrt(time * time + PriceSigma * PriceSigma), Evidence.Assumed));
    }

    private static Figure AtMostOne(Figure share) => share with { High = Math.Min(1, share.High) };
}
