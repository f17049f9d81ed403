using Altiplano.Distributed;
using Altiplano.Torch;
using Altiplano.Torch.Kernels;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Parallel;

/// <summary>An axis of the mesh as one rank sees it: collectives on tensors among the ranks along it.</summary>
/// <remarks>On an axis of degree 1 nothing is communicated or recorded. On shapes a recording communicator is told the same.</remarks>
public sealed class Axis : IDisposable
{
    private readonly ICommunicator? _communicator;
    private readonly bool _hasWholeRows;

    /// <param name="communicator">Of this axis's ranks; the axis disposes it.</param>
    internal Axis(ICommunicator communicator)
    {
        _communicator = communicator;
        (Name, Rank, Degree) = (communicator.Axis, communicator.Rank, communicator.Members.Count);
    }

    private Axis(string name) => Name = name;

    private Axis(Axis axis)
        : this(axis._communicator!) => _hasWholeRows = true;

    public string Name { get; }

    /// <summary>This rank's place along the axis.</summary>
    public int Rank { get; }

    public int Degree { get; } = 1;

    /// <summary>Parts that the rows of an activation are in: one where every rank has all of them.</summary>
    public int RowParts => _hasWholeRows ? 1 : Degree;

    /// <summary>An axis with no other rank on it.</summary>
    public static Axis Alone(string name) => new(name);

    /// <summary>The same ranks where each has all rows of an activation: nothing is gathered, and what is summed stays whole.</summary>
    /// <returns>Not to be disposed.</returns>
    public Axis WithWholeRows() => Degree == 1 ? this : new(this);

    /// <summary>The rows of all ranks, one rank's after the other's.</summary>
    /// <param name="part">[R_axis, ...], equally many rows on each rank.</param>
    /// <returns>[R, ...], which the caller disposes before <paramref name="part"/>; a view of it where the rows are in one part.</returns>
    public Tensor AllGatherRows(Tensor part)
    {
        if (RowParts == 1)
            return part.Rows(0, part.Size(0));
        var whole = NewWhole(part);
        _communicator!.Run(Collective.AllGather(Lend(part), Lend(whole)));
        return whole;
    }

    /// <summary>Starts to gather the rows of all ranks, behind what is computed before they are needed.</summary>
    /// <param name="part">[R_axis, ...]; it must live until the result is waited for.</param>
    /// <returns>
    /// [R, ...], as <see cref="AllGatherRows"/> gives it once it is waited for; nothing to wait for where the rows are in one part.
    /// </returns>
    public (Tensor Whole, TensorPending? Gathering) StartAllGatherRows(Tensor part)
    {
        if (RowParts == 1)
            return (part.Rows(0, part.Size(0)), null);
        var whole = NewWhole(part);
        return (whole, StartAllGather(whole, part));
    }

    /// <summary>Sums over the ranks; each gets its share of the rows, or the sum of all.</summary>
    /// <param name="terms">[R, ...] {U_axis}; disposed, or returned where the rows are in one part.</param>
    /// <returns>[R_axis, ...]; the caller disposes it.</returns>
    /// <exception cref="ShapeException">The rows do not divide by the ranks.</exception>
    public Tensor ReduceScatterRows(Tensor terms)
    {
        if (RowParts == 1)
        {
            AllReduce(terms);
            return terms;
        }

        if (terms.Size(0) % Degree != 0)
            throw new ShapeException($"{terms} has {terms.Size(0)} rows, which do not divide by the {Degree} ranks of axis {Name}.");
        var sum = terms.Engine.Empty(terms.Type, [terms.Size(0) / Degree, .. terms.Shape[1..]]);
        _communicator!.Run(Collective.ReduceScatter(Lend(terms), Lend(sum)));
        terms.Dispose();
        return sum;
    }

    /// <summary>Gives each rank some of the rows, and gets some of each rank's; they lie in the order of the ranks.</summary>
    /// <param name="rows">[R, ...], as many as are sent or more; disposed, or returned as they are on degree 1.</param>
    /// <param name="send">Rows for each rank.</param>
    /// <param name="receive">Rows from each rank.</param>
    /// <param name="capacity">Rows of the result; those behind the received ones are undefined.</param>
    /// <returns>[capacity, ...]; the caller disposes it.</returns>
    public Tensor AllToAllRows(Tensor rows, IReadOnlyList<long> send, IReadOnlyList<long> receive, long capacity)
    {
        if (_communicator is null)
            return rows;
        var result = rows.Engine.Empty(rows.Type, [capacity, .. rows.Shape[1..]]);
        var width = rows.Shape[1..].ToArray().Aggregate(1L, (product, size) => product * size);
        long[] sent = [.. send.Select(count => count * width)];
        long[] received = [.. receive.Select(count => count * width)];
        _communicator.Run(Collective.AllToAll(Lend(rows).Slice(0, sent.Sum()), sent, Lend(result).Slice(0, received.Sum()), received));
        rows.Dispose();
        return result;
    }

    /// <summary>The tensor becomes the reduction over the ranks.</summary>
    public void AllReduce(Tensor tensor, ReduceOp op = ReduceOp.Sum) =>
        _communicator?.Run(Collective.AllReduce(Lend(tensor), op));

    /// <summary>Sums of each value over the ranks; the same bits on all of them. On shapes all ranks are taken to have the same values.</summary>
    public double[] Sum(Engine engine, params double[] values)
    {
        if (_communicator is null)
            return values;
        using var tensor = engine.Upload<double>(ScalarType.Float64, values, values.Length);
        AllReduce(tensor);
        var sums = engine.ReadDoubles(tensor);
        return engine.IsShapeOnly ? [.. values.Select(value => value * Degree)] : sums;
    }

    /// <summary>Starts to gather equal parts into a buffer of all of them.</summary>
    /// <param name="whole">[n P]; it must live until the result is waited for.</param>
    /// <param name="part">[P]; may be this rank's part of <paramref name="whole"/>. It must live as long.</param>
    public TensorPending StartAllGather(Tensor whole, Tensor part) =>
        Start(Collective.AllGather(Lend(part), Lend(whole)));

    /// <summary>Starts to sum a tensor in place over the ranks; it must live until the result is waited for.</summary>
    public TensorPending StartAllReduce(Tensor tensor) => Start(Collective.AllReduce(Lend(tensor)));

    /// <summary>Starts to sum a buffer over the ranks, each of which gets one of n equal parts.</summary>
    /// <param name="part">[P]; it must live until the result is waited for. May be this rank's part of <paramref name="whole"/>.</param>
    /// <param name="whole">[n P] {U_axis}; undefined after, but for <paramref name="part"/>.</param>
    /// <param name="ownsWhole">True where the operation disposes <paramref name="whole"/> when it is done.</param>
    public TensorPending StartReduceScatter(Tensor part, Tensor whole, bool ownsWhole) =>
        Start(Collective.ReduceScatter(Lend(whole), Lend(part)), ownsWhole ? [whole] : []);

    /// <summary>Starts to send a tensor to another rank of the axis.</summary>
    /// <param name="tensor">Owned by the operation from here on.</param>
    public TensorPending StartSend(Tensor tensor, int destination) => Start(Collective.Send(Lend(tensor), destination), tensor);

    /// <summary>Starts to receive what another rank of the axis sends; its messages come in the order in which it sent them.</summary>
    /// <param name="tensor">It must live until the result is waited for.</param>
    public TensorPending StartReceive(Tensor tensor, int source) => Start(Collective.Receive(Lend(tensor), source));

    /// <summary>Starts to send a tensor to the next rank of the axis, and to receive one from the rank before: a step round a ring.</summary>
    /// <param name="tensor">Owned by the operation from here on; it may be read until the result is waited for.</param>
    /// <param name="arriving">It must live until the result is waited for.</param>
    public TensorPending StartPass(Tensor tensor, Tensor arriving) => Start(
        Collective.SendReceive(Lend(tensor), (Rank + 1) % Degree, Lend(arriving), (Rank + Degree - 1) % Degree), tensor);

    public void Dispose() => _communicator?.Dispose();

    private Tensor NewWhole(Tensor part) => part.Engine.Empty(part.Type, [part.Size(0) * Degree, .. part.Shape[1..]]);

    private TensorPending Start(in Collective collective, params Tensor[] borrowed) => new(
        _communicator?.Start(collective) ?? throw new InvalidOperationException($"Axis {Name} has one rank: there is nothing to share."),
        borrowed);

    private static NativeBuffer Lend(Tensor tensor) =>
        new(LentMemory.AddressOf(tensor), tensor.NumElements, ElementTypeOf(tensor.Type));

    private static ElementType ElementTypeOf(ScalarType type) => type switch
    {
        ScalarType.UInt8 or ScalarType.Bool => ElementType.Byte,
        ScalarType.Int32 => ElementType.Int32,
        ScalarType.Int64 => ElementType.Int64,
        ScalarType.BFloat16 => ElementType.BFloat16,
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float64 => ElementType.Float64,
        _ => throw new ShapeException($"Tensors of {type.ShortName()} are not sent between ranks."),
    };
}
