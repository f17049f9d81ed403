using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Reconciling;

/// <summary>What <c>reconcile --json</c> and <c>plan --json</c> on a calibrated machine print: units in the names of the keys.</summary>
internal sealed record ReconcileAnswer(
    string Ranks, double PredictedStepMs, double MeasuredStepMs, double StepErrorPercent, long PredictedMemoryBytes, long MeasuredMemoryBytes,
    double MemoryErrorPercent, long PredictedTensorBytes, long MeasuredTensorBytes, double ResidualMs, double? PlannedCpuW, double? MeasuredCpuW,
    double? MeasuredGpuW, int Steps, int MeasuredSteps, IReadOnlyList<TermAnswer> Terms)
{
    public static ReconcileAnswer Of(Reconciliation r) => new(
        r.Costs.Describe(), r.Predicted.Time.Total * 1e3, r.MeasuredStep * 1e3, r.StepError * 100, r.Predicted.Memory.Value, r.MeasuredMemory.Value,
        r.MemoryError * 100, r.Predicted.Tensors.Value, r.MeasuredTensors.Value, r.Residual * 1e3, r.Costs.CpuPower?.Value, r.CpuWatts, r.GpuWatts,
        r.NumSteps, r.NumMeasured, [.. r.Terms.Select(TermAnswer.Of)]);
}

/// <summary>One term.</summary>
internal sealed record TermAnswer(
    string Part, string Name, double PredictedMs, double? MeasuredMs, double PredictedFlops, double MeasuredFlops, double PredictedBytes, double MeasuredBytes)
{
    public static TermAnswer Of(ReconciledTerm t) => new(
        t.Part, t.Name, t.Predicted * 1e3, t.Measured * 1e3, t.PredictedFlops, t.MeasuredFlops, t.PredictedBytes, t.MeasuredBytes);
}

/// <summary>A run planned on a calibrated machine.</summary>
internal sealed record MachinePlanAnswer(
    string Machine, string Evidence, string Ranks, double StepMs, double TokensPerSecond, double RunHours, long MemoryBytes, long ProcessBytes, long HoleBytes,
    long StagingBytes, long TensorBytes, double TflopsPerRank, double? CpuW, IReadOnlyDictionary<string, double> PartsMs, IReadOnlyList<PlannedTermAnswer> Terms);

/// <summary>One term of a planned step.</summary>
internal sealed record PlannedTermAnswer(string Part, string Name, double Ms, long Calls, double Flops, double Bytes, bool IsCalibrated)
{
    public static PlannedTermAnswer Of(PredictedTerm t) => new(t.Part, t.Name, t.Seconds * 1e3, t.Calls, t.Flops, t.Bytes, t.IsCalibrated);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ReconcileAnswer))]
[JsonSerializable(typeof(MachinePlanAnswer))]
internal sealed partial class ReconcileJson : JsonSerializerContext;
