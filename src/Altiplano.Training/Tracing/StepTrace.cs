using Altiplano.Distributed.Recording;
using Altiplano.Planning.Schedules;
using Altiplano.Torch;

namespace Altiplano.Training.Tracing;

/// <summary>What one rank did in one step, in order: on real tensors with times, on shapes without.</summary>
/// <remarks>Everything has a place in one order: the number of events, of any kind, before it.</remarks>
public sealed record StepTrace
{
    public required IReadOnlyList<TracedOperator> Operators { get; init; }

    /// <summary>In the order in which they were started.</summary>
    public required IReadOnlyList<TracedCollective> Collectives { get; init; }

    /// <summary>State that was there before the step first, then what the step allocated.</summary>
    public required IReadOnlyList<TracedAllocation> Allocations { get; init; }

    /// <summary>The pipeline's actions; what lies outside of all of them is the step's begin or end.</summary>
    public required IReadOnlyList<TracedAction> Actions { get; init; }

    /// <summary>Events of the step: places are below it.</summary>
    public required int NumEvents { get; init; }

    /// <summary>True where events have times.</summary>
    public bool IsTimed => Operators is [{ Time: not null }, ..];

    /// <summary>Floating-point operations, recompute included; a multiply-add counts two.</summary>
    public double Flops => Operators.Sum(op => op.Call.Flops);
}

/// <summary>Seconds from the step's begin.</summary>
public readonly record struct TraceTime(double Start, double End)
{
    public double Duration => End - Start;
}

/// <summary>One operator.</summary>
/// <param name="Action">Index of the action in which it ran; null outside of all.</param>
/// <param name="Time">Null on shapes.</param>
public readonly record struct TracedOperator(int Place, OperatorCall Call, int? Action, TraceTime? Time);

/// <summary>One operation among ranks.</summary>
/// <param name="Place">Of its start.</param>
/// <param name="WaitPlace">Where the rank began to wait; null where it found it done, or never asked.</param>
/// <param name="Action">Index of the action in which it was started; null outside of all.</param>
/// <param name="Time">From its start until its result was known to be there; null on shapes.</param>
/// <param name="Waited">The part of it in which the rank did nothing else; null on shapes, or where it did not wait.</param>
public readonly record struct TracedCollective(
    int Place, int? WaitPlace, CollectiveRecord Record, int? Action, TraceTime? Time, TraceTime? Waited)
{
    /// <summary>The part of <see cref="Time"/> in which its data moved, or it waited for other ranks; null where nobody could tell.</summary>
    public TraceTime? Moved { get; init; }
}

/// <summary>The life of one storage.</summary>
/// <param name="Place">Where it was allocated; null for state that was there before the step.</param>
/// <param name="ReleasePlace">Null where it outlives the step.</param>
/// <param name="Action">Index of the action in which it was allocated; null outside of all.</param>
/// <param name="ReleaseAction">Index of the action in which it was released; null outside of all.</param>
/// <param name="Operator">Index of the operator that made it, or of the next one, which then writes it first or reads what a collective put there.</param>
public readonly record struct TracedAllocation(
    int? Place, int? ReleasePlace, long Bytes, MemoryPart Part, int? Action, int? ReleaseAction, int Operator);

/// <summary>One action of the pipeline's schedule.</summary>
/// <param name="EndPlace">The place after its last event.</param>
/// <param name="Time">Null on shapes.</param>
public readonly record struct TracedAction(int Place, int EndPlace, PipelineAction Action, TraceTime? Time);
