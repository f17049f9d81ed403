using Altiplano.Planning.Costs;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Machines;

/// <summary>Step time and memory of a rank on a calibrated machine.</summary>
/// <remarks>
/// Each operator takes an affine time of its calls, operations and bytes; around each call and each step the trainer takes a fixed time;
/// the collectives' affine time counts as
/// much as the step is exposed to it. Coefficients are measured with all ranks running, so
/// contention for cores and memory is in them. See docs/reconcile.md.
/// </remarks>
public sealed class MachineStepModel(RankCosts costs)
{
    private readonly Dictionary<string, OperatorCost> _operators = costs.Operators.ToDictionary(o => o.Name);
    private readonly Dictionary<string, CollectiveCost> _collectives = costs.Collectives.ToDictionary(c => c.Name);

    public PredictedStep Predict(StepWork work)
    {
        var operators = work.Operators.Select(Predict).ToList();
        var calls = work.Operators.Sum(o => o.Calls);
        var launch = new PredictedTerm(
            StepParts.Launch, "around operators", costs.PerStep.Value + calls * costs.PerCall.Value, calls, 0, 0);
        var busy = operators.Sum(term => term.Seconds) + launch.Seconds;
        var optimizer = operators.Where(term => term.Part == StepParts.Optimizer).Sum(term => term.Seconds);
        PredictedTerm[] bubble = work.Bubble == 0
            ? []
            : [new PredictedTerm(StepParts.Bubble, "waiting for other stages", work.Bubble * (busy - optimizer), 0, 0, 0)];
        List<PredictedTerm> terms = [.. operators, launch, .. work.Collectives.Select(Predict), .. bubble];
        var inOneProcess = costs.Transport == RankCosts.InProcess ? costs.Ranks : 1;
        return new PredictedStep(
            TimeOf(terms), terms, costs.ProcessMemory, work.PeakTensors * inOneProcess,
            new Bytes((long)(costs.Holes * work.LargestTensor.Value)) * inOneProcess, work.Staging * inOneProcess);
    }

    private PredictedTerm Predict(OperatorWork work)
    {
        var isCalibrated = _operators.TryGetValue(work.Name, out var cost);
        var seconds = cost?.Seconds(work.Calls, work.Flops, work.Bytes)
            ?? Math.Max(work.Flops / costs.Peak.Value, work.Bytes / costs.MemoryBandwidth.Value);
        return new PredictedTerm(StepParts.OfOperator(work.Name), work.Name, seconds, work.Calls, work.Flops, work.Bytes, isCalibrated);
    }

    private PredictedTerm Predict(CollectiveWork work)
    {
        var isCalibrated = _collectives.TryGetValue(work.Name, out var cost);
        var seconds = cost?.Seconds(work.Calls, work.Bytes) ?? work.Bytes / costs.MemoryBandwidth.Value;
        return new PredictedTerm(
            StepParts.OfAxis(work.Axis), $"{work.Name} over {work.Axis}", seconds * ExposureOf(work.Axis), work.Calls, 0, work.Bytes, isCalibrated);
    }

    private double ExposureOf(string axis) => costs.Exposures.FirstOrDefault(e => e.Axis == axis)?.Share ?? 1;

    private static StepTime TimeOf(IReadOnlyList<PredictedTerm> terms)
    {
        return new StepTime
        {
            Matrices = Sum(StepParts.Matrices),
            Attention = Sum(StepParts.Attention),
            Elementwise = Sum(StepParts.Elementwise),
            Launch = Sum(StepParts.Launch),
            Optimizer = Sum(StepParts.Optimizer),
            Bubble = Sum(StepParts.Bubble),
            TensorParallel = Sum(StepParts.OfAxis("tp")),
            ContextParallel = Sum(StepParts.OfAxis("cp")),
            ExpertParallel = Sum(StepParts.OfAxis("ep")),
            PipelineTransfers = Sum(StepParts.OfAxis("pp")),
            DataParallel = Sum(StepParts.OfAxis("dp_shard")),
        };

        double Sum(string part) => terms.Where(term => term.Part == part).Sum(term => term.Seconds);
    }
}
