using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;

namespace Altiplano.Training.Measuring;

/// <summary>One line of a reconciled step; seconds and work of a step, the mean over ranks.</summary>
/// <param name="Measured">Seconds; null where the part cannot be told from what no term explains.</param>
public sealed record ReconciledTerm(
    string Part, string Name, double Predicted, double? Measured, double PredictedFlops, double MeasuredFlops, double PredictedBytes, double MeasuredBytes)
{
    /// <summary>Measured over predicted, less 1; null where either is missing.</summary>
    public double? Error => Measured is { } measured && Predicted > 0 ? measured / Predicted - 1 : null;
}

/// <summary>A run's steps as they were predicted and as they were measured.</summary>
public sealed record Reconciliation
{
    public required RankCosts Costs { get; init; }
    public required PredictedStep Predicted { get; init; }

    /// <summary>Median of the run's steps in seconds.</summary>
    public required double MeasuredStep { get; init; }

    /// <summary>Steps that <see cref="MeasuredStep"/> is the median of.</summary>
    public required int NumSteps { get; init; }

    /// <summary>Steps of each rank that were measured term by term.</summary>
    public required int NumMeasured { get; init; }

    public required IReadOnlyList<ReconciledTerm> Terms { get; init; }

    /// <summary>Seconds of a measured step that no term explains: beside operators, waits, and what was predicted around them.</summary>
    public required double Residual { get; init; }

    /// <summary>Most resident memory of a rank.</summary>
    public required Bytes MeasuredMemory { get; init; }

    /// <summary>Most bytes of tensors alive at once on a rank.</summary>
    public required Bytes MeasuredTensors { get; init; }

    /// <summary>Median watts of the processors; null where the machine does not tell.</summary>
    public double? CpuWatts { get; init; }

    /// <summary>Median watts of the GPUs; null where there are none or they do not tell.</summary>
    public double? GpuWatts { get; init; }

    /// <summary>Measured over predicted, less 1.</summary>
    public double StepError => MeasuredStep / Predicted.Time.Total - 1;

    /// <inheritdoc cref="StepError"/>
    public double MemoryError => (double)MeasuredMemory.Value / Predicted.Memory.Value - 1;

    /// <param name="ranks">The measured steps of each rank, at least one.</param>
    /// <param name="stepSeconds">Of every step of the run.</param>
    public static Reconciliation Of(
        RankCosts costs, PredictedStep predicted, IReadOnlyList<IReadOnlyList<StepMeasurement>> ranks, IReadOnlyList<double> stepSeconds)
    {
        List<ReconciledTerm> terms =
        [
            .. predicted.Terms.Select(term => Line(term, ranks)),
            .. Unforeseen(predicted, ranks),
        ];
        var explained = terms.Sum(term => term.Measured ?? term.Predicted);
        return new Reconciliation
        {
            Costs = costs,
            Predicted = predicted,
            MeasuredStep = Median(stepSeconds),
            NumSteps = stepSeconds.Count,
            NumMeasured = ranks[0].Count,
            Terms = terms,
            Residual = OverRanks(ranks, step => step.Seconds) - explained,
            MeasuredMemory = new Bytes(ranks.Max(rank => rank.Max(step => step.PeakMemoryBytes))),
            MeasuredTensors = new Bytes(ranks.Max(rank => rank.Max(step => step.PeakTensorBytes))),
            CpuWatts = MedianOrNull(ranks[0].Select(step => step.CpuWatts)),
            GpuWatts = MedianOrNull(ranks[0].Select(step => step.GpuWatts)),
        };
    }

    private static ReconciledTerm Line(PredictedTerm term, IReadOnlyList<IReadOnlyList<StepMeasurement>> ranks)
    {
        var isMeasured = term.Part is not (StepParts.Launch or StepParts.Bubble);
        return new ReconciledTerm(
            term.Part, term.Name, term.Seconds, isMeasured ? OverRanks(ranks, step => SecondsOf(step, term.Name)) : null, term.Flops,
            OverRanks(ranks, step => step.Operators.Where(o => o.Name == term.Name).Sum(o => o.Flops)), term.Bytes,
            OverRanks(ranks, step => BytesOf(step, term.Name)));
    }

    /// <summary>What was measured and not predicted.</summary>
    private static IEnumerable<ReconciledTerm> Unforeseen(PredictedStep predicted, IReadOnlyList<IReadOnlyList<StepMeasurement>> ranks)
    {
        var known = predicted.Terms.Select(term => term.Name).ToHashSet();
        var first = ranks[0][0];
        IEnumerable<PredictedTerm> missing =
        [
            .. first.Operators.Select(o => new PredictedTerm(StepParts.OfOperator(o.Name), o.Name, 0, 0, 0, 0)),
            .. first.Collectives.Select(c => new PredictedTerm(StepParts.OfAxis(c.Axis), NameOf(c), 0, 0, 0, 0)),
        ];
        return missing.Where(term => !known.Contains(term.Name)).Select(term => Line(term, ranks));
    }

    private static double SecondsOf(StepMeasurement step, string name) =>
        step.Operators.Where(o => o.Name == name).Sum(o => o.Seconds) + step.Collectives.Where(c => NameOf(c) == name).Sum(c => c.WaitedSeconds);

    private static double BytesOf(StepMeasurement step, string name) =>
        step.Operators.Where(o => o.Name == name).Sum(o => o.Bytes) + step.Collectives.Where(c => NameOf(c) == name).Sum(c => c.Bytes);

    private static string NameOf(MeasuredCollective collective) => $"{collective.Name} over {collective.Axis}";

    /// <summary>Mean over ranks of the median over steps.</summary>
    private static double OverRanks(IReadOnlyList<IReadOnlyList<StepMeasurement>> ranks, Func<StepMeasurement, double> of) =>
        ranks.Average(rank => Median([.. rank.Select(of)]));

    private static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double? MedianOrNull(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().ToList();
        return known.Count == 0 ? null : Median(known);
    }
}
