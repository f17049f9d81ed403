using System.Threading.Channels;

namespace Altiplano.Data.Preparation;

/// <summary>
/// Applies a function on several threads and gives the results in the order of the inputs, with bounded memory.
/// </summary>
internal static class OrderedWorkers
{
    /// <summary>At most <paramref name="workers"/> calls run at once and at most twice as many results wait.</summary>
    /// <remarks>The first failure of input, function or consumer ends all of it and is thrown.</remarks>
    public static async Task RunAsync<TIn, TOut>(
        IEnumerable<TIn> inputs, Func<TIn, TOut> function, Action<TOut> consume, int workers, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var slots = new SemaphoreSlim(workers);
        var results = Channel.CreateBounded<Task<TOut>>(workers * 2);
        var feeding = Task.Run(() => FeedAsync(inputs, function, results.Writer, slots, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var result in results.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
                consume(await result.ConfigureAwait(false));
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await feeding.ConfigureAwait(false);
        }
    }

    /// <summary>Starts one task an input, in order; ends the channel with the failure, if there is one. Never throws.</summary>
    private static async Task FeedAsync<TIn, TOut>(
        IEnumerable<TIn> inputs, Func<TIn, TOut> function, ChannelWriter<Task<TOut>> results, SemaphoreSlim slots,
        CancellationToken stop)
    {
        var started = new List<Task>();
        Exception? failure = null;
        try
        {
            foreach (var input in inputs)
            {
                await slots.WaitAsync(stop).ConfigureAwait(false);
                var task = Task.Run(() => Call(input), CancellationToken.None);
                started.RemoveAll(earlier => earlier.IsCompleted);
                started.Add(task);
                await results.WriteAsync(task, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        results.Complete(failure);
        await Task.WhenAll(started).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        TOut Call(TIn input)
        {
            try
            {
                return function(input);
            }
            finally
            {
                slots.Release();
            }
        }
    }
}
