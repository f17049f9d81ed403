using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>Any other rank's end: one connection to rank 0.</summary>
internal sealed class TcpSpoke : TcpEndpoint
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly TcpLink _link;
    private readonly CancellationTokenSource _closed = new();

    private TcpSpoke(TcpLink link) => _link = link;

    /// <summary>Finds rank 0, which may come later, and waits until it says that all ranks have come.</summary>
    /// <exception cref="CollectiveException">Rank 0 does not come before the deadline, or says why there will be no world.</exception>
    public static TcpSpoke Connect(string address, int port, TcpHello hello, CommunicatorOptions options)
    {
        var started = Stopwatch.GetTimestamp();
        var spoke = new TcpSpoke(new TcpLink(Dial(address, port, hello.Rank, options.Deadline, started)));
        try
        {
            spoke._link.Write(hello.ToBytes());
            _ = spoke.ReceiveAsync();
            spoke.AwaitVerdict($"{address}:{port}", hello.Rank, options.Deadline);
            return spoke;
        }
        catch (IOException error)
        {
            spoke.Dispose();
            throw new CollectiveException($"Rank {hello.Rank} lost the connection to rank 0 at {address}:{port}: {error.Message}");
        }
        catch
        {
            spoke.Dispose();
            throw;
        }
    }

    public override void Send(in TcpFrame frame) => _link.Send(frame);

    public override void Dispose()
    {
        _closed.Cancel();
        _link.Dispose();
    }

    /// <summary>Tries until rank 0 listens: its host may have no name yet, or its process may still be starting.</summary>
    private static Socket Dial(string address, int port, int rank, TimeSpan deadline, long started)
    {
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                using var patience = new CancellationTokenSource(Left(deadline, started));
                socket.ConnectAsync(address, port, patience.Token).AsTask().GetAwaiter().GetResult();
                // A port of this host that nobody listens on may answer to itself.
                if (!socket.LocalEndPoint!.Equals(socket.RemoteEndPoint))
                    return socket;
                socket.Dispose();
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException)
            {
                socket.Dispose();
                if (Left(deadline, started) == TimeSpan.Zero)
                {
                    throw new CollectiveException(
                        $"Rank {rank} waited {deadline.TotalSeconds:0.###} s for rank 0 at {address}:{port}: {error.Message}.", [0]);
                }
            }

            Thread.Sleep(RetryPause);
        }
    }

    private static TimeSpan Left(TimeSpan deadline, long started)
    {
        var left = deadline - Stopwatch.GetElapsedTime(started);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private void AwaitVerdict(string place, int rank, TimeSpan deadline)
    {
        var verdict = "";
        var receipt = Mailbox.Expect(TcpFrame.Verdict, 0, body => verdict = Encoding.UTF8.GetString(body));
        // Rank 0's deadline may begin later than this rank's, and its answer says more.
        if (!receipt.Wait(deadline * 1.2, Stopwatch.GetTimestamp()))
        {
            throw new CollectiveException(
                $"Rank {rank} waited {deadline.TotalSeconds:0.###} s for rank 0 at {place} to say that all ranks have come.");
        }

        if (verdict.Length > 0)
            throw new CollectiveException(verdict);
    }

    private async Task ReceiveAsync()
    {
        while (await _link.ReceiveAsync(_closed.Token).ConfigureAwait(false) is { } frame)
            Mailbox.Add(frame);
        // Whoever closes before the verdict is no rank 0, or one that ended.
        Mailbox.Add(new TcpFrame(
            0, 0, TcpFrame.Verdict, "The connection to rank 0 was closed: another program at MASTER_PORT, or rank 0 has ended."u8.ToArray()));
    }
}
