namespace Altiplano.Planning.Backtest;

/// <summary>A run of which only a rate was printed, beside ours; sources that do not say so may count masked pairs.</summary>
/// <param name="PublishedTflops">TFLOP/s of one GPU as printed.</param>
/// <param name="Tflops">Ours: nothing recomputed, masked pairs not counted.</param>
/// <param name="Mfu">Ours over the bf16 peak.</param>
public sealed record RateRow(string Id, double PublishedTflops, Figure Tflops, double Mfu)
{
    public static IEnumerable<RateRow> Of(IEnumerable<CasePrediction> predictions) =>
        from p in predictions
        where p.Case.MeasuredSeconds is null && p.Case.Run.Measured.TflopsPerGpu is not null
        select new RateRow(
            p.Case.Run.Id,
            p.Case.Run.Measured.TflopsPerGpu!.Value,
            new Figure(p.ModelTflopsPerGpu, At(p, p.StepSeconds.High), At(p, p.StepSeconds.Low), p.Case.Grade),
            p.ModelTflopsPerGpu * 1e12 / p.Case.Cluster.Gpu.PeakBf16.Value);

    private static double At(CasePrediction prediction, double seconds) => prediction.ModelFlopsPerGpu / seconds / 1e12;
}
