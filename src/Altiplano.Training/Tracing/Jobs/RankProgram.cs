using System.Collections.Immutable;
using Altiplano.Distributed;
using Altiplano.Distributed.Recording;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>One operation among ranks, told without naming a rank, so that ranks of one class have equal ones.</summary>
/// <param name="SendTo">Places from this rank on to the one that is sent to, or is a broadcast's root, counted around the group; null for none.</param>
/// <param name="ReceiveFrom">The same of the rank that is received from.</param>
public readonly record struct ProgramOperation(
    string Axis, CollectiveKind Kind, ReduceOp Op, long Bytes, int? SendTo, int? ReceiveFrom)
{
    public bool IsMessage => Kind.IsPointToPoint();

    /// <summary>Bytes to and from each rank of an all-to-all; null for any other kind.</summary>
    public ExchangeBytes? Exchange { get; init; }

    /// <summary>The same with more bytes; of an all-to-all, to the first rank of the group.</summary>
    public ProgramOperation LargerBy(long bytes) => this with
    {
        Bytes = Bytes + bytes,
        Exchange = Exchange is { } exchange ? exchange with { Sent = [exchange.Sent[0] + bytes, .. exchange.Sent.Skip(1)] } : null,
    };

    /// <summary>For example <c>all-reduce (sum) of 8 bytes</c>.</summary>
    public string Describe() => $"{Kind.Name()}{(Kind is CollectiveKind.AllReduce or CollectiveKind.ReduceScatter ? $" ({Op.ToString().ToLowerInvariant()})" : "")} of {Bytes:N0} bytes";

    public static ProgramOperation Of(in CollectiveRecord record, int rank)
    {
        var (members, own) = (record.Members, record.Members.IndexOf(rank));
        return new ProgramOperation(
            record.Axis, record.Kind, record.Op, record.Bytes, Offset(record.Destination), Offset(record.Source))
        {
            Exchange = record.Exchange,
        };

        int? Offset(int? other) => other is { } peer ? (members.IndexOf(peer) - own + members.Count) % members.Count : null;
    }
}

/// <summary>A rank starts an operation, or waits until one is done.</summary>
/// <param name="Operation">Index among the program's operations.</param>
public readonly record struct ProgramEvent(int Operation, bool IsWait);

/// <summary>Everything by which a rank's step meets other ranks, in order.</summary>
public sealed class RankProgram : IEquatable<RankProgram>
{
    private RankProgram(ImmutableArray<ProgramOperation> operations, ImmutableArray<ProgramEvent> events) =>
        (Operations, Events) = (operations, events);

    /// <summary>In the order in which they start.</summary>
    public ImmutableArray<ProgramOperation> Operations { get; }

    /// <summary>Starts and waits; an operation that is never waited for is one that the rank found done when it asked.</summary>
    public ImmutableArray<ProgramEvent> Events { get; }

    public static RankProgram Of(StepTrace trace, int rank)
    {
        var starts = trace.Collectives.Select((c, i) => (c.Place, new ProgramEvent(i, IsWait: false)));
        var waits = trace.Collectives.Select((c, i) => (Place: c.WaitPlace, i)).Where(wait => wait.Place is not null)
            .Select(wait => (wait.Place!.Value, new ProgramEvent(wait.i, IsWait: true)));
        return new RankProgram(
            [.. trace.Collectives.Select(c => ProgramOperation.Of(c.Record, rank))],
            [.. starts.Concat(waits).OrderBy(timed => timed.Item1).Select(timed => timed.Item2)]);
    }

    /// <summary>The same program without one operation.</summary>
    public RankProgram Without(int operation) => new(
        Operations.RemoveAt(operation),
        [.. Events.Where(e => e.Operation != operation).Select(e => e.Operation > operation ? e with { Operation = e.Operation - 1 } : e)]);

    /// <summary>The same program with another operation in the place of one.</summary>
    public RankProgram With(int operation, ProgramOperation other) => new(Operations.SetItem(operation, other), Events);

    /// <summary>The same program with an operation done after the one that follows it.</summary>
    public RankProgram Swapped(int operation) => new(
        Operations.SetItem(operation, Operations[operation + 1]).SetItem(operation + 1, Operations[operation]), Events);

    public bool Equals(RankProgram? other) =>
        other is not null && Operations.AsSpan().SequenceEqual(other.Operations.AsSpan()) && Events.AsSpan().SequenceEqual(other.Events.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as RankProgram);

    public override int GetHashCode() => HashCode.Combine(Operations.Length, Events.Length);
}
