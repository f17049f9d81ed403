using Altiplano.Planning.Units;

namespace Altiplano.Training.Loop.Metrics;

/// <summary>What one optimizer step tells: the record behind the console, metrics.jsonl, TensorBoard and the report.</summary>
public sealed record StepMetrics
{
    /// <summary>Optimizer steps done, this one included.</summary>
    public required long Step { get; init; }

    /// <summary>Training tokens read since the start of the run, over all ranks.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Mean negative log likelihood of the step's valid tokens, in nats.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Global norm of the gradient before clipping.</summary>
    public required double GradNorm { get; init; }

    public required double Lr { get; init; }
    public required TimeSpan StepTime { get; init; }
    public required double TokensPerSecond { get; init; }

    /// <summary>Model FLOPs without recompute, causal attention counted as half, over the step's time, of one device.</summary>
    public required FlopsPerSecond Throughput { get; init; }

    /// <summary><see cref="Throughput"/> over the peak, 1 being all of it; null where no peak is known.</summary>
    public double? Mfu { get; init; }

    /// <summary>Most memory held at once since the start of the process.</summary>
    public required Bytes PeakMemory { get; init; }

    /// <summary>Watts of one device; null where the machine does not tell.</summary>
    public double? PowerW { get; init; }

    /// <summary>Held-out corpora measured after this step; empty for most steps.</summary>
    public IReadOnlyList<ValidationResult> Validation { get; init; } = [];

    /// <summary>
    /// Every metric that this step has, in the order of <see cref="Metric.OfEveryStep"/>, then the held-out corpora.
    /// </summary>
    public IEnumerable<(Metric Metric, double Value)> Values() =>
        from metric in Metric.OfEveryStep.Concat(Validation.SelectMany(v => Metric.OfHeldOut(v.Name)))
        let value = metric.Read(this)
        where value is not null
        select (metric, value.Value);
}

/// <summary>The loss of one held-out corpus.</summary>
/// <param name="Name">Heads its metrics: <c>val</c> gives <c>val/loss</c> and <c>val/bpb</c>.</param>
/// <param name="Loss">Mean negative log likelihood of a token, in nats.</param>
/// <param name="BitsPerByte">The same in bits of a byte of the text; null where the bytes are not known.</param>
public sealed record ValidationResult(string Name, double Loss, double? BitsPerByte);
