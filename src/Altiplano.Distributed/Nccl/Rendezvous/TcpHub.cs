using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>Rank 0's end: all others connect to it, and it passes on what they send each other.</summary>
internal sealed class TcpHub : TcpEndpoint
{
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(5);

    private readonly int _size;
    private readonly TcpLink?[] _links;
    private readonly CancellationTokenSource _closed = new();
    private readonly object _gate = new();
    private string? _problem;
    private int _numCome = 1;

    private TcpHub(int size) => (_size, _links) = (size, new TcpLink?[size]);

    /// <summary>Waits until every rank has come.</summary>
    /// <exception cref="CollectiveException">The port is taken, ranks are absent at the deadline, or one does not belong here.</exception>
    public static TcpHub Gather(int port, int size, CommunicatorOptions options)
    {
        var hub = new TcpHub(size);
        try
        {
            using var listener = Listen(port);
            _ = hub.AcceptAsync(listener);
            hub.AwaitAll(options.Deadline, port);
            hub.TellAll("");
            for (var rank = 1; rank < size; rank++)
                _ = hub.ForwardAsync(rank, hub._links[rank]!);
            return hub;
        }
        catch (CollectiveException failure)
        {
            hub.TellAll(failure.Message);
            hub.Dispose();
            throw;
        }
    }

    public override void Send(in TcpFrame frame)
    {
        if (frame.To == 0)
            Mailbox.Add(frame);
        else if (frame.To > 0 && frame.To < _size)
            _links[frame.To]?.Send(frame);
    }

    public override void Dispose()
    {
        _closed.Cancel();
        lock (_gate)
        {
            foreach (var link in _links)
                link?.Dispose();
        }
    }

    private static TcpListener Listen(int port)
    {
        var listener = Socket.OSSupportsIPv6 ? TcpListener.Create(port) : new TcpListener(IPAddress.Any, port);
        try
        {
            listener.Start();
            return listener;
        }
        catch (SocketException error)
        {
            listener.Dispose();
            throw new CollectiveException($"MASTER_PORT is {port}, which rank 0 cannot listen on: {error.Message}. Use a free port.");
        }
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
                _ = AdmitAsync(new TcpLink(await listener.AcceptSocketAsync(_closed.Token).ConfigureAwait(false)));
        }
        catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException or SocketException)
        {
        }
    }

    private async Task AdmitAsync(TcpLink link)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
        patience.CancelAfter(HelloPatience);
        var bytes = new byte[TcpHello.Size];
        try
        {
            await link.ReadExactlyAsync(bytes, patience.Token).ConfigureAwait(false);
        }
        catch (Exception silent) when (silent is IOException or OperationCanceledException or ObjectDisposedException)
        {
            link.Dispose();
            return;
        }

        // Another program that knocks at the port is no rank of ours, and no reason to fail.
        if (TcpHello.Parse(bytes) is { } hello)
            Admit(hello, link);
        else
            link.Dispose();
    }

    private void Admit(TcpHello hello, TcpLink link)
    {
        lock (_gate)
        {
            var problem = FindProblem(hello, link);
            if (problem is null)
                (_links[hello.Rank], _numCome) = (link, _numCome + 1);
            else
                link.Send(new TcpFrame(hello.Rank, 0, TcpFrame.Verdict, Encoding.UTF8.GetBytes(problem)));
            _problem ??= problem;
            Monitor.PulseAll(_gate);
        }
    }

    private string? FindProblem(TcpHello hello, TcpLink link)
    {
        if (hello.WorldSize != _size)
        {
            return $"Rank {hello.Rank} ({link.Peer}) was started in a world of {hello.WorldSize} ranks, rank 0 in one of {_size}. " +
                "WORLD_SIZE must be the same everywhere.";
        }

        if (hello.Rank < 1 || hello.Rank >= _size)
        {
            return $"A process ({link.Peer}) says that it is rank {hello.Rank}, but besides rank 0 there are ranks 1 to {_size - 1}. " +
                "Set RANK of each process.";
        }

        return _links[hello.Rank] is { } first
            ? $"Two processes say that they are rank {hello.Rank} ({first.Peer}, {link.Peer}). RANK must be another one in each process."
            : null;
    }

    private void AwaitAll(TimeSpan deadline, int port)
    {
        var started = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (_problem is null && _numCome < _size)
            {
                var left = deadline - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    throw Absent(deadline, port);
                Monitor.Wait(_gate, left);
            }

            if (_problem is not null)
                throw new CollectiveException(_problem);
        }
    }

    private CollectiveException Absent(TimeSpan deadline, int port)
    {
        int[] absent = [.. Enumerable.Range(1, _size - 1).Where(rank => _links[rank] is null)];
        return new CollectiveException(
            $"Rank 0 waited {deadline.TotalSeconds:0.###} s at port {port} for all {_size} ranks; absent: {RankGroup.Of(absent)}.", absent);
    }

    private void TellAll(string verdict)
    {
        for (var rank = 1; rank < _size; rank++)
            Send(new TcpFrame(rank, 0, TcpFrame.Verdict, Encoding.UTF8.GetBytes(verdict)));
    }

    private async Task ForwardAsync(int rank, TcpLink link)
    {
        while (await link.ReceiveAsync(_closed.Token).ConfigureAwait(false) is { } frame)
            Send(frame with { From = rank });
    }
}
