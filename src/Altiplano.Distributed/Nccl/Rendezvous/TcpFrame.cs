namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>One message between two ranks.</summary>
/// <param name="To">World rank.</param>
/// <param name="From">World rank.</param>
/// <param name="Channel">Group and purpose: messages of one channel and pair arrive in order.</param>
/// <param name="Body">A few bytes, at most <see cref="MaxBody"/>.</param>
internal readonly record struct TcpFrame(int To, int From, string Channel, byte[] Body)
{
    public const int MaxChannel = 4096;
    public const int MaxBody = 1 << 20;

    /// <summary>On which rank 0 says that all have come, or why not.</summary>
    public const string Verdict = "verdict";
}
