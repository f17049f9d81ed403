using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Altiplano.Training.Checkpoints;

/// <summary>
/// Saves while training goes on: tensors are copied into a staging buffer, a thread of its own writes that to the disk.
/// </summary>
/// <remarks>
/// Each rank writes what it has; when all have, the first publishes. Every rank calls <see cref="Save"/> and <see cref="Drain"/> at the same
/// places of its program; a process alone publishes by itself.
/// At most one save is in flight. With a staging buffer as large as the checkpoint, <see cref="Save"/> returns after the copy;
/// with a smaller one it waits for the disk as far as the rest does not fit. The buffer is allocated once.
/// </remarks>
public sealed class CheckpointWriter : IDisposable
{
    /// <summary>Bytes of one piece of the staging buffer.</summary>
    private const int MaxPieceBytes = 8 << 20;

    /// <summary>Bytes of an element of the widest type.</summary>
    private const int WidestElement = 8;

    private readonly CheckpointStore _store;
    private readonly CheckpointTeam _team;
    private readonly BlockingCollection<byte[]> _free = [];
    private PartialCheckpoint? _partial;
    private Task? _writing;
    private Task<string>? _publishing;
    private bool _isAnnounced;

    /// <param name="stagingBytes">
    /// Size of the staging buffer; <see cref="StagingBytesFor"/> says what holds a whole checkpoint.
    /// </param>
    /// <param name="team">The ranks that save together; null for a process alone.</param>
    public CheckpointWriter(CheckpointStore store, long stagingBytes, CheckpointTeam? team = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stagingBytes, 2);
        (_store, _team) = (store, team ?? CheckpointTeam.Alone);
        var pieceBytes = (int)Math.Min(MaxPieceBytes, stagingBytes / 2);
        // Tensors are copied by whole elements, and headers are padded to eight bytes.
        if (pieceBytes > WidestElement)
            pieceBytes -= pieceBytes % WidestElement;
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
        var pieces = CheckpointFile.Of(content, CheckpointTeam.Alone).Sum(file => (file.Length + MaxPieceBytes - 1) / MaxPieceBytes);
        return pieces * MaxPieceBytes;
    }

    /// <summary>True while files of this rank are on their way to the disk.</summary>
    public bool IsWriting => _writing is { IsCompleted: false };

    /// <summary>Copies the content and returns; its tensors may change from then on.</summary>
    /// <exception cref="CheckpointException">The save before this one failed; call again to save now.</exception>
    public void Save(CheckpointContent content)
    {
        Drain();
        var partial = _partial = new PartialCheckpoint(_store, content, _team);
        var filled = new BlockingCollection<(CheckpointFile File, byte[] Piece, int Count)>();
        _writing = Task.Factory.StartNew(
            () => WriteAll(partial, filled), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        _publishing = _team.Ranks == 1 ? PublishAfter(_writing, partial) : null;
        try
        {
            foreach (var file in partial.Files)
                Stage(file, filled);
            filled.Add((null!, [], 0));
            filled.CompleteAdding();
        }
        catch
        {
            // Without the closing piece the thread gives the save up; the caller hears of the cause from here.
            filled.CompleteAdding();
            Settle();
            Forget();
            throw;
        }
    }

    /// <summary>Lets the first rank publish the save in flight; called when no rank <see cref="IsWriting"/>.</summary>
    public void StartPublishing()
    {
        if (_team.IsFirst && _partial is not null)
            _publishing ??= PublishAfter(_writing!, _partial);
    }

    /// <summary>Looks whether the save in flight has been published, without waiting.</summary>
    /// <returns>Path of the checkpoint, once, on the first rank.</returns>
    /// <exception cref="CheckpointException">That save failed.</exception>
    public string? TakePublished()
    {
        ThrowIfFailed();
        if (_publishing is not { IsCompletedSuccessfully: true } || _isAnnounced)
            return null;
        _isAnnounced = true;
        return LastPublished = _publishing.Result;
    }

    /// <summary>Waits for the save in flight, on all ranks.</summary>
    /// <returns>Path of the checkpoint that was published, on the first rank; null when there is none, or it was taken before.</returns>
    /// <exception cref="CheckpointException">That save failed.</exception>
    public string? Drain()
    {
        if (_partial is null)
            return null;
        try
        {
            _writing!.GetAwaiter().GetResult();
            _team.Meet();
            StartPublishing();
            var published = _publishing?.GetAwaiter().GetResult();
            _team.Meet();
            LastPublished = published ?? LastPublished;
            return _isAnnounced ? null : published;
        }
        finally
        {
            Forget();
        }
    }

    /// <summary>Waits for the save in flight; its error, if any, is lost: call <see cref="Drain"/> first to hear of it.</summary>
    public void Dispose()
    {
        Settle();
        Forget();
        _free.Dispose();
    }

    private static async Task<string> PublishAfter(Task writing, PartialCheckpoint partial)
    {
        await writing.ConfigureAwait(false);
        return await Task.Run(partial.Publish).ConfigureAwait(false);
    }

    private void ThrowIfFailed()
    {
        if (new[] { _writing, _publishing }.FirstOrDefault(task => task is { IsFaulted: true }) is not { } failed)
            return;
        Settle();
        Forget();
        failed.GetAwaiter().GetResult();
    }

    private void Settle()
    {
        foreach (var task in new[] { _writing, _publishing })
            task?.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
    }

    private void Forget()
    {
        _partial?.Dispose();
        (_partial, _writing, _publishing, _isAnnounced) = (null, null, null, false);
    }

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
    private void WriteAll(PartialCheckpoint partial, BlockingCollection<(CheckpointFile File, byte[] Piece, int Count)> filled)
    {
        ExceptionDispatchInfo? failure = null;
        var isWhole = false;
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
        partial.Complete();
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
