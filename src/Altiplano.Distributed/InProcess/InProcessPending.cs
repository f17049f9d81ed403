using System.Diagnostics;

namespace Altiplano.Distributed.InProcess;

/// <summary>Waits for other threads, until the deadline.</summary>
internal sealed class InProcessPending(
    InProcessGroup group, CollectiveLabel label, Completion[] completions, Func<IEnumerable<int>> absent) : Pending
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public override bool IsCompleted => completions.All(completion => completion.IsEnded);

    /// <summary>Threads wait for each other from the start on: that is when it begins.</summary>
    public override (long Begun, long Ended)? Moved => IsCompleted ? (_started, completions.Max(completion => completion.EndedAt)) : null;

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
