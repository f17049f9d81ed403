namespace Altiplano.Planning.Backtest;

/// <summary>What everybody can do on paper: operations over the peak, one fitted efficiency for each stack, times the pipeline's bubble.</summary>
public sealed class NaiveBaseline
{
    private readonly Dictionary<string, double> _secondsPerIdealSecond;

    private NaiveBaseline(Dictionary<string, double> secondsPerIdealSecond) => _secondsPerIdealSecond = secondsPerIdealSecond;

    /// <summary>Fits by the median of measured over ideal time, which no outlier moves.</summary>
    public static NaiveBaseline Fit(IEnumerable<CasePrediction> predictions) => new(predictions
        .Where(p => p.Case.MeasuredSeconds is not null)
        .GroupBy(p => p.Stack.Name)
        .ToDictionary(stack => stack.Key, stack => Median([.. stack.Select(p => p.Case.MeasuredSeconds!.Value / IdealSeconds(p)).Order()])));

    /// <returns>Seconds of a step; its interval is empty.</returns>
    public Figure Predict(CasePrediction prediction)
    {
        var seconds = IdealSeconds(prediction) * _secondsPerIdealSecond[prediction.Stack.Name];
        return new Figure(seconds, seconds, seconds, Evidence.Interpolated);
    }

    private static double IdealSeconds(CasePrediction prediction)
    {
        var (mapped, layout) = (prediction.Case, prediction.Case.Layout);
        var microBatches = layout.MicroBatches(mapped.Workload.GlobalBatchSequences);
        var bubble = (layout.Pp - 1) / ((double)microBatches * layout.VirtualStages);
        var again = layout.Recompute == Recompute.Full ? 4.0 / 3 : 1;
        return prediction.ModelFlopsPerGpu * again / mapped.Cluster.Gpu.Peak(mapped.Workload.Precision).Value * (1 + bubble);
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
