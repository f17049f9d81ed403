using System.Diagnostics;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>What has arrived at a rank and is not asked for yet, and what is asked for and has not arrived.</summary>
internal sealed class TcpMailbox
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Channel, int From), Queue<byte[]>> _arrived = [];
    private readonly Dictionary<(string Channel, int From), Queue<TcpReceipt>> _awaited = [];

    public void Add(in TcpFrame frame)
    {
        lock (_gate)
        {
            var key = (frame.Channel, frame.From);
            if (_awaited.TryGetValue(key, out var receipts) && receipts.TryDequeue(out var receipt))
                receipt.Complete(frame.Body);
            else
                Queue(_arrived, key).Enqueue(frame.Body);
        }
    }

    /// <summary>Asks for the next message of a channel from a world rank.</summary>
    /// <param name="take">Gets the message, on the thread that brings it or here.</param>
    public TcpReceipt Expect(string channel, int from, Action<byte[]> take)
    {
        var receipt = new TcpReceipt(from, take);
        lock (_gate)
        {
            var key = (channel, from);
            if (_arrived.TryGetValue(key, out var bodies) && bodies.TryDequeue(out var body))
                receipt.Complete(body);
            else
                Queue(_awaited, key).Enqueue(receipt);
        }

        return receipt;
    }

    private static Queue<T> Queue<T>(Dictionary<(string, int), Queue<T>> box, (string, int) key)
    {
        if (!box.TryGetValue(key, out var queue))
            box[key] = queue = new Queue<T>();
        return queue;
    }
}

/// <summary>A message that is asked for.</summary>
/// <param name="from">World rank.</param>
internal sealed class TcpReceipt(int from, Action<byte[]> take)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int From => from;

    public bool IsCompleted => _done.Task.IsCompleted;

    public void Complete(byte[] body)
    {
        try
        {
            take(body);
            _done.SetResult();
        }
        catch (CollectiveException unfit)
        {
            _done.SetException(unfit);
        }
    }

    /// <returns>False when the time is over first.</returns>
    /// <exception cref="CollectiveException">The message is not what was asked for.</exception>
    public bool Wait(TimeSpan patience, long since)
    {
        var left = patience - Stopwatch.GetElapsedTime(since);
        if (Task.WaitAny([_done.Task], left > TimeSpan.Zero ? left : TimeSpan.Zero) < 0)
            return false;
        _done.Task.GetAwaiter().GetResult();
        return true;
    }
}
