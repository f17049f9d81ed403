namespace Altiplano.Planning.Backtest;

/// <summary>What choosing layouts by prediction costs, where several layouts of one model, cluster and batch were measured.</summary>
/// <param name="Groups">Sets of runs that differ in nothing but their layout.</param>
/// <param name="Mean">Measured time of the layout that the prediction likes best over the best measured time, less 1.</param>
public sealed record LayoutRegret(int Groups, double Mean, double Max)
{
    public static LayoutRegret Of(IEnumerable<CasePrediction> predictions)
    {
        var regrets = predictions
            .Where(p => p.Case.MeasuredSeconds is not null)
            .GroupBy(p => (
                p.Case.Run.Source, p.Case.Cluster.Gpu.Name, p.Case.Cluster.NumGpus, p.Case.Workload.Model with { Name = "" },
                p.Case.Workload.SeqLen, p.Case.Workload.GlobalBatchSequences, p.Case.Workload.Precision))
            .Where(group => group.Select(p => p.Case.Layout).Distinct().Count() > 1)
            .Select(group => group.MinBy(p => p.StepSeconds.Value)!.Case.MeasuredSeconds!.Value / group.Min(p => p.Case.MeasuredSeconds!.Value) - 1)
            .ToList();
        return new LayoutRegret(regrets.Count, regrets.Count > 0 ? regrets.Average() : 0, regrets.Count > 0 ? regrets.Max() : 0);
    }
}
