using System.Diagnostics;

namespace Altiplano.Distributed.InProcess;

/// <summary>Waits for other threads, until the deadline.</summary>
internal sealed class InProcessPending(
    InProcessGroup group, CollectiveLabel label, Completion[] completions, Func<IEnumerable<int>> absent) : Pending
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public override bool IsCompleted => completions.All(completion => completion.IsEnded);

    public override void Wait()
    {
        foreach (var completion in completions)
        {
            var left = group.World.Options.Deadline - Stopwatch.GetElapsedTime(_started);
            if (completion.Wait(left > TimeSpan.Zero ? left : TimeSpan.Zero))
                continue;
            if (group.Expire(label, completion, absent) is { } failure)
                throw failure;
            completion.Wait(Timeout.InfiniteTimeSpan);
        }
    }
}
