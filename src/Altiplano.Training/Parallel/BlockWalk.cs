using Altiplano.Training.Layers;

namespace Altiplano.Training.Parallel;

/// <summary>Has the weights of each block in memory while it is used, and those of the next on their way.</summary>
/// <param name="order">Blocks in the order of their use.</param>
internal sealed class BlockWalk(IReadOnlyList<ParameterBlock> order)
{
    private int _next;

    /// <summary>Waits for the weights of the next block, and starts to fetch those of the one after it.</summary>
    /// <returns>Releases them when disposed.</returns>
    public ParameterBlock.Use Next()
    {
        var block = order[_next++];
        block.Gather();
        if (_next < order.Count)
            order[_next].StartGather();
        return new ParameterBlock.Use(block);
    }
}
