using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>A connection between rank 0 and another, over which frames pass whole and in order.</summary>
internal sealed class TcpLink : IDisposable
{
    private const int HeaderSize = 4 * sizeof(int);

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly Lock _writing = new();

    public TcpLink(Socket socket)
    {
        (_socket, socket.NoDelay) = (socket, true);
        _stream = new NetworkStream(socket, ownsSocket: true);
    }

    public IPAddress Peer => ((IPEndPoint)_socket.RemoteEndPoint!).Address;

    public Task ReadExactlyAsync(Memory<byte> bytes, CancellationToken stop) => _stream.ReadExactlyAsync(bytes, stop).AsTask();

    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_writing)
            _stream.Write(bytes);
    }

    /// <remarks>What is sent over a lost connection is lost: whoever waits for it has a deadline.</remarks>
    public void Send(in TcpFrame frame)
    {
        var channel = Encoding.UTF8.GetBytes(frame.Channel);
        var bytes = new byte[HeaderSize + channel.Length + frame.Body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.To);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), frame.From);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), channel.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), frame.Body.Length);
        channel.CopyTo(bytes, HeaderSize);
        frame.Body.CopyTo(bytes, HeaderSize + channel.Length);
        try
        {
            Write(bytes);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
        }
    }

    /// <summary>The next frame; null when the connection has ended or carries something else.</summary>
    public async Task<TcpFrame?> ReceiveAsync(CancellationToken stop)
    {
        try
        {
            var header = new byte[HeaderSize];
            await ReadExactlyAsync(header, stop).ConfigureAwait(false);
            var (channel, body) = (Read(header, 2), Read(header, 3));
            if (channel is < 0 or > TcpFrame.MaxChannel || body is < 0 or > TcpFrame.MaxBody)
                return null;
            var rest = new byte[channel + body];
            await ReadExactlyAsync(rest, stop).ConfigureAwait(false);
            return new TcpFrame(Read(header, 0), Read(header, 1), Encoding.UTF8.GetString(rest, 0, channel), rest[channel..]);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException)
        {
            return null;
        }
    }

    public void Dispose() => _stream.Dispose();

    private static int Read(byte[] header, int word) => BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(word * sizeof(int)));
}
