using System.Globalization;
using Altiplano.Planning.Units;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Reconciling;

/// <summary>What <c>reconcile</c> prints.</summary>
internal sealed class ReconcileTable(Reconciliation result, TextWriter output)
{
    private const string Nothing = "–";

    public void Write()
    {
        output.WriteLine($"{result.Costs.Describe()}; {result.NumSteps} steps, {result.NumMeasured} of them measured term by term on each rank");
        output.WriteLine();
        output.WriteLine($"{"",-34} {"predicted",12} {"measured",12} {"difference",11}");
        output.WriteLine(Row("step", Milliseconds(result.Predicted.Time.Total), Milliseconds(result.MeasuredStep), result.StepError));
        output.WriteLine(Row("memory of a rank", $"{result.Predicted.Memory}", $"{result.MeasuredMemory}", result.MemoryError));
        output.WriteLine(Row(
            "tensors alive at once", $"{result.Predicted.Tensors}", $"{result.MeasuredTensors}", Difference(result.MeasuredTensors, result.Predicted.Tensors)));
        WriteTerms();
        WriteWatts();
    }

    private void WriteTerms()
    {
        output.WriteLine();
        output.WriteLine(
            $"{"term",-34} {"predicted ms",12} {"measured ms",12} {"difference",11} {"share",7} {"GFLOP",9} {"measured",9} {"MB",9} {"measured",9}");
        foreach (var part in result.Terms.GroupBy(term => term.Part).OrderBy(part => StepTerms.Place(part.Key)))
        {
            output.WriteLine(Line(part.Key, part.Sum(t => t.Predicted), part.Sum(t => t.Measured), [.. part]));
            foreach (var term in part.OrderByDescending(t => t.Measured ?? t.Predicted))
                output.WriteLine(Line("  " + term.Name, term.Predicted, term.Measured, [term]));
        }

        output.WriteLine(
            $"{"residual: what no term explains",-34} {"",12} {Show(result.Residual * 1e3, "0.00"),12} {"",11} {Percent(result.Residual / result.MeasuredStep),7}");
    }

    private string Line(string name, double predicted, double? measured, IReadOnlyList<ReconciledTerm> terms)
    {
        var isMeasured = terms.Any(t => t.Measured is not null);
        var error = isMeasured && predicted > 0 ? Percent(measured!.Value / predicted - 1, "+0.0;-0.0;0.0") : Nothing;
        return $"{name,-34} {Show(predicted * 1e3, "0.00"),12} {(isMeasured ? Show(measured!.Value * 1e3, "0.00") : Nothing),12} {error,11} " +
            $"{Percent((isMeasured ? measured!.Value : predicted) / result.MeasuredStep),7} " +
            $"{Work(terms.Sum(t => t.PredictedFlops)),9} {Work(terms.Sum(t => t.MeasuredFlops)),9} " +
            $"{Megabytes(terms.Sum(t => t.PredictedBytes)),9} {Megabytes(terms.Sum(t => t.MeasuredBytes)),9}";
    }

    private void WriteWatts()
    {
        output.WriteLine();
        output.WriteLine(Watts("processors", result.Costs.CpuPower, result.CpuWatts, "no readable RAPL counters in /sys/class/powercap"));
        output.WriteLine(Watts("GPUs", null, result.GpuWatts, "NVML (libnvidia-ml.so.1) is not there or finds no GPU"));
    }

    private static string Watts(string what, Watts? planned, double? measured, string absence)
    {
        var plan = planned is { } watts ? $"planned {Show(watts.Value, "0")} W" : "none planned";
        return $"watts of {what}: {plan}, {(measured is { } found ? $"measured {Show(found, "0")} W" : $"not measured: {absence} of the machine that trained")}";
    }

    private static string Row(string name, string predicted, string measured, double difference) =>
        $"{name,-34} {predicted,12} {measured,12} {Percent(difference, "+0.0;-0.0;0.0"),11}";

    private static double Difference(Bytes measured, Bytes predicted) => (double)measured.Value / predicted.Value - 1;

    private static string Milliseconds(double seconds) => Show(seconds * 1e3, "0.00") + " ms";

    private static string Work(double flops) => flops == 0 ? "" : Show(flops / 1e9, "0.00");

    private static string Megabytes(double bytes) => bytes == 0 ? "" : Show(bytes / 1e6, "0.0");

    private static string Percent(double share, string format = "0.0") => Show(100 * share, format) + " %";

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
