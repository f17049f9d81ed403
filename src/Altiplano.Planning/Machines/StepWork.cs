using Altiplano.Planning.Units;

namespace Altiplano.Planning.Machines;

/// <summary>All calls of one operator in one rank's step.</summary>
/// <param name="Flops">Operations of all calls; a multiply-add counts two.</param>
/// <param name="Bytes">Bytes of all calls, each operand once.</param>
public readonly record struct OperatorWork(string Name, long Calls, double Flops, double Bytes);

/// <summary>All collectives of one kind on one axis in one rank's step.</summary>
/// <param name="Bytes">Of the larger side, over all calls.</param>
public readonly record struct CollectiveWork(string Axis, string Name, long Calls, double Bytes);

/// <summary>What one rank does in a step, found by running the step on shapes.</summary>
public sealed record StepWork
{
    public required IReadOnlyList<OperatorWork> Operators { get; init; }
    public IReadOnlyList<CollectiveWork> Collectives { get; init; } = [];

    /// <summary>All tensors alive at once.</summary>
    public required Bytes PeakTensors { get; init; }

    /// <summary>The largest of them.</summary>
    public required Bytes LargestTensor { get; init; }

    /// <summary>Memory that a checkpoint is copied to while it is written.</summary>
    public Bytes Staging { get; init; }

    /// <summary>Idle share of a pipeline rank, over its busy time: (p - 1) / m for 1F1B; 0 without a pipeline.</summary>
    public double Bubble { get; init; }

    public double Flops => Operators.Sum(o => o.Flops);
}
