namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>A rank's end of the star whose middle is rank 0.</summary>
internal abstract class TcpEndpoint : IDisposable
{
    public TcpMailbox Mailbox { get; } = new();

    public abstract void Send(in TcpFrame frame);

    public abstract void Dispose();
}
