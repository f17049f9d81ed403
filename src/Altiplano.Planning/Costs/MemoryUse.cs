namespace Altiplano.Planning.Costs;

/// <summary>Bytes of device memory on one rank, by part; the parts add up to <see cref="Total"/>.</summary>
public readonly record struct MemoryUse
{
    /// <summary>Parameters as they are kept, in the compute format.</summary>
    public double Parameters { get; init; }

    public double Gradients { get; init; }

    /// <summary>Master weights and both moments.</summary>
    public double OptimizerState { get; init; }

    /// <summary>Everything that forward passes in flight keep for their backward pass.</summary>
    public double Activations { get; init; }

    /// <summary>The largest set of temporaries of one layer's backward pass, gathered parameters included.</summary>
    public double Temporaries { get; init; }

    /// <summary>Logits and their gradient, where they are kept whole.</summary>
    public double Logits { get; init; }

    /// <summary>Driver context, communication buffers, library workspaces.</summary>
    public double Framework { get; init; }

    /// <summary>Memory that the allocator holds and cannot use.</summary>
    public double Fragmentation { get; init; }

    public double Total => Parameters + Gradients + OptimizerState + Activations + Temporaries + Logits + Framework + Fragmentation;
}
