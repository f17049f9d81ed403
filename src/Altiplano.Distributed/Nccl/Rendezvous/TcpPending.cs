using System.Diagnostics;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>Messages of one operation that are on their way.</summary>
internal sealed class TcpPending(CollectiveLabel label, CommunicatorOptions options, TcpReceipt[] receipts) : Pending
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public override bool IsCompleted => Array.TrueForAll(receipts, receipt => receipt.IsCompleted);

    public override void Wait()
    {
        foreach (var receipt in receipts)
        {
            if (!receipt.Wait(options.Deadline, _started))
                throw label.Expired(options, [receipt.From]);
        }
    }
}
