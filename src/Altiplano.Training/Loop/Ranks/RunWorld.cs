using System.Runtime.InteropServices;
using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Planning.Mesh;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Loop.Ranks;

/// <summary>All ranks of a run as one of them sees them: what they agree on beside the steps.</summary>
/// <param name="communicator">Of all ranks; null for a process that trains alone. It stays the caller's.</param>
/// <param name="ranksOnHost">Ranks that share this host's memory.</param>
public sealed class RunWorld(ICommunicator? communicator, int ranksOnHost = 1)
{
    /// <summary>A process that trains alone.</summary>
    public static RunWorld Alone { get; } = new(null);

    public int Rank => communicator?.Rank ?? 0;

    public int Size => communicator?.Members.Count ?? 1;

    public int RanksOnHost => ranksOnHost;

    /// <summary>The rank that speaks for all: console, metrics, events, report.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>This rank's place in a mesh of as many ranks; the caller disposes it.</summary>
    /// <param name="observer">Sees what moves on its axes.</param>
    public DeviceMesh NewMesh(MeshShape shape, ICollectiveObserver observer) =>
        communicator is null ? DeviceMesh.Single : new DeviceMesh(shape, new RecordingCommunicator(communicator, observer));

    /// <summary>Of all ranks; null for a process that trains alone.</summary>
    public ICommunicator? Communicator => communicator;

    /// <summary>The largest of all ranks' numbers, in each place.</summary>
    /// <remarks>Collectives: one all-reduce over all ranks. On host memory, without a tensor engine.</remarks>
    public long[] Largest(params long[] values)
    {
        if (communicator is null)
            return values;
        var memory = GC.AllocateUninitializedArray<long>(values.Length, pinned: true);
        values.CopyTo(memory, 0);
        var buffer = new NativeBuffer(Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0), memory.Length, ElementType.Int64);
        communicator.Run(Collective.AllReduce(buffer, ReduceOp.Max));
        return memory;
    }

    /// <summary>The first rank's number, on all ranks.</summary>
    /// <param name="value">0 or more; asked for on the first rank only.</param>
    public long FromFirst(Func<long> value) => Largest(IsFirst ? value() : -1)[0];

    /// <summary>Does something that may be refused: either all ranks go on, or all stop.</summary>
    /// <exception cref="RunStoppedException">A rank was refused; the lowest such rank has the cause. A process alone throws that itself.</exception>
    /// <remarks>Collectives: one all-reduce over all ranks, and those of <paramref name="action"/>, which must not be refused between them.</remarks>
    public T Together<T>(Func<T> action)
    {
        if (communicator is null)
            return action();
        var (result, cause) = (default(T), (Exception?)null);
        try
        {
            result = action();
        }
        catch (Exception refusal) when (refusal is not (RunStoppedException or CollectiveException))
        {
            cause = refusal;
        }

        var lowest = Size - (int)Largest(cause is null ? 0 : Size - Rank)[0];
        if (lowest == Size)
            return result!;
        (result as IDisposable)?.Dispose();
        throw new RunStoppedException(lowest, lowest == Rank ? cause : null);
    }

    /// <summary>What to throw where all ranks fail alike: the first has the cause.</summary>
    public Exception Alike(Exception cause) => communicator is null ? cause : new RunStoppedException(0, IsFirst ? cause : null);

    /// <inheritdoc cref="Together{T}"/>
    public void Together(Action action) => Together(() =>
    {
        action();
        return 0;
    });
}

/// <summary>All ranks stop at the same place; one of them has the cause.</summary>
/// <param name="rank">The one that says why.</param>
/// <param name="cause">Why; null on the other ranks.</param>
public sealed class RunStoppedException(int rank, Exception? cause) : Exception(cause?.Message ?? $"Rank {rank} says why.", cause)
{
    public int Rank => rank;
}
