using Altiplano.Distributed;
using Altiplano.Torch;

namespace Altiplano.Training.Parallel;

/// <summary>A collective in flight on tensors.</summary>
/// <param name="pending">The operation.</param>
/// <param name="borrowed">Tensors that live until it is done; disposed then.</param>
public sealed class TensorPending(Pending pending, params Tensor[] borrowed)
{
    /// <summary>True when <see cref="Wait"/> will not block.</summary>
    public bool IsCompleted => pending.IsCompleted;

    /// <summary>Blocks until the result is there, then disposes what was only needed for it. Called once.</summary>
    /// <exception cref="CollectiveException">It failed, or not every rank came before the deadline.</exception>
    public void Wait()
    {
        pending.Wait();
        foreach (var tensor in borrowed)
            tensor.Dispose();
    }
}
