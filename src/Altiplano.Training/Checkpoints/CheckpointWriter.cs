using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Altiplano.Training.Checkpoints;

/// <summary>
/// Saves while training goes on: tensors are copied into a staging buffer, a thread of its own writes that to the disk.
/// </summary>
/// <remarks>
/// At most one save is in flight. With a staging buffer as large as the checkpoint, <see cref="Save"/> returns after the copy;
/// with a smaller one it waits for the disk as far as the rest does not fit. The buffer is allocated once.
/// </remarks>
public sealed class CheckpointWriter : IDisposable
{
    /// <summary>Bytes of one piece of the staging buffer.</summary>
    private const int MaxPieceBytes = 8 << 20;

    private readonly CheckpointStore _store;
    private readonly BlockingCollection<byte[]> _free = [];
    private Task<string>? _inFlight;

    /// <param name="stagingBytes">
    /// Size of the staging buffer; <see cref="StagingBytesFor"/> says what holds a whole checkpoint.
    /// </param>
    public CheckpointWriter(CheckpointStore store, long stagingBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stagingBytes, 2);
        _store = store;
        var pieceBytes = (int)Math.Min(MaxPieceBytes, stagingBytes / 2);
        StagingBytes = stagingBytes / pieceBytes * pieceBytes;
        for (var i = 0L; i < stagingBytes / pieceBytes; i++)
            _free.Add(GC.AllocateUninitializedArray<byte>(pieceBytes));
    }

    /// <summary>Memory that the staging buffer takes.</summary>
    public long StagingBytes { get; }

    /// <summary>Path of the last checkpoint that was published; null before the first.</summary>
    public string? LastPublished { get; private set; }

    /// <summary>The staging buffer that holds all of a checkpoint, so that its save never waits for the disk.</summary>
    public static long StagingBytesFor(CheckpointContent content)
    {
        var pieces = CheckpointFile.Of(content).Sum(file => (file.Length + MaxPieceBytes - 1) / MaxPieceBytes);
        return pieces * MaxPieceBytes;
    }

    /// <summary>Copies the content and returns; its tensors may change from then on.</summary>
    /// <exception cref="CheckpointException">The save before this one failed; call again to save now.</exception>
    public void Save(CheckpointContent content)
    {
        Drain();
        var partial = new PartialCheckpoint(_store, content);
        var filled = new BlockingCollection<(CheckpointFile File, byte[] Piece, int Count)>();
        _inFlight = Task.Factory.StartNew(
            () => WriteAll(partial, filled), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var file in partial.Files)
                Stage(file, filled);
            filled.Add((partial.Files[^1], [], 0));
            filled.CompleteAdding();
        }
        catch
        {
            // Without the closing piece the thread gives the save up; the caller hears of the cause from here.
            filled.CompleteAdding();
            Settle();
            _inFlight = null;
            throw;
        }
    }

    /// <summary>Waits for the save in flight.</summary>
    /// <returns>Path of the checkpoint that it published; null when no save was in flight.</returns>
    /// <exception cref="CheckpointException">That save failed.</exception>
    public string? Drain()
    {
        var inFlight = _inFlight;
        _inFlight = null;
        return inFlight is null ? null : LastPublished = inFlight.GetAwaiter().GetResult();
    }

    /// <summary>Looks whether the save in flight has ended, without waiting.</summary>
    /// <inheritdoc cref="Drain"/>
    public string? TakePublished() => _inFlight is { IsCompleted: true } ? Drain() : null;

    /// <summary>Waits for the save in flight; its error, if any, is lost: call <see cref="Drain"/> first to hear of it.</summary>
    public void Dispose()
    {
        Settle();
        _free.Dispose();
    }

    private void Settle() => _inFlight?.ContinueWith(_ => { }, TaskScheduler.Default).Wait();

    private void Stage(CheckpointFile file, BlockingCollection<(CheckpointFile File, byte[] Piece, int Count)> filled)
    {
        for (var count = -1; count != 0;)
        {
            var piece = _free.Take();
            count = 0;
            try
            {
                count = file.Take(piece);
                if (count > 0)
                    filled.Add((file, piece, count));
            }
            finally
            {
                if (count == 0)
                    _free.Add(piece);
            }
        }
    }

    /// <summary>
    /// Writes pieces as they come; the empty last one says that all have come, and without it nothing is published.
    /// </summary>
    private string WriteAll(PartialCheckpoint partial, BlockingCollection<(CheckpointFile File, byte[] Piece, int Count)> filled)
    {
        ExceptionDispatchInfo? failure = null;
        var isWhole = false;
        using (partial)
        {
            foreach (var (file, piece, count) in filled.GetConsumingEnumerable())
            {
                if (count == 0)
                {
                    isWhole = true;
                    break;
                }

                failure ??= TryWrite(partial, file, piece.AsSpan(0, count));
                _free.Add(piece);
            }

            failure?.Throw();
            if (!isWhole)
                throw new CheckpointException("The checkpoint was given up: its tensors could not be copied.");
            return partial.Publish();
        }
    }

    private static ExceptionDispatchInfo? TryWrite(PartialCheckpoint partial, CheckpointFile file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            partial.Write(file, bytes);
            return null;
        }
        catch (Exception e)
        {
            // Whatever it is, the pieces must go back to the caller, who waits for them.
            return ExceptionDispatchInfo.Capture(e);
        }
    }
}
