using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>The parts of a rank's memory with their names, in the order in which they are shown.</summary>
public static class MemoryParts
{
    public static IReadOnlyList<(string Name, double Bytes)> Of(in MemoryUse memory) =>
    [
        ("parameters", memory.Parameters), ("gradients", memory.Gradients), ("optimizer state", memory.OptimizerState),
        ("activations", memory.Activations), ("temporaries", memory.Temporaries), ("logits", memory.Logits),
        ("framework", memory.Framework), ("fragmentation", memory.Fragmentation),
    ];
}
