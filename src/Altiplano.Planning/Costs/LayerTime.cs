namespace Altiplano.Planning.Costs;

/// <summary>One microbatch through one decoder layer, forward and backward, on one rank; seconds unless said otherwise.</summary>
public readonly record struct LayerTime
{
    public double Matrices { get; init; }
    public double Attention { get; init; }
    public double Elementwise { get; init; }
    public double Recompute { get; init; }
    public double Launch { get; init; }
    public double TensorParallel { get; init; }
    public double ContextParallel { get; init; }
    public double ExpertParallel { get; init; }

    /// <summary>The share of the total that the forward pass takes, recompute not counted.</summary>
    public double Forward { get; init; }

    /// <summary>Operations of matrix products and attention, recompute included.</summary>
    public double Flops { get; init; }

    /// <summary>Bytes to and from device memory.</summary>
    public double MemoryTraffic { get; init; }
    public double NvlinkBytes { get; init; }
    public double NetworkBytes { get; init; }

    public double Total => Matrices + Attention + Elementwise + Recompute + Launch + TensorParallel + ContextParallel + ExpertParallel;

    public double Backward => Total - Forward;

    public static LayerTime operator +(in LayerTime a, in LayerTime b) => new()
    {
        Matrices = a.Matrices + b.Matrices,
        Attention = a.Attention + b.Attention,
        Elementwise = a.Elementwise + b.Elementwise,
        Recompute = a.Recompute + b.Recompute,
        Launch = a.Launch + b.Launch,
        TensorParallel = a.TensorParallel + b.TensorParallel,
        ContextParallel = a.ContextParallel + b.ContextParallel,
        ExpertParallel = a.ExpertParallel + b.ExpertParallel,
        Forward = a.Forward + b.Forward,
        Flops = a.Flops + b.Flops,
        MemoryTraffic = a.MemoryTraffic + b.MemoryTraffic,
        NvlinkBytes = a.NvlinkBytes + b.NvlinkBytes,
        NetworkBytes = a.NetworkBytes + b.NetworkBytes,
    };

    public static LayerTime operator *(in LayerTime a, double times) => new()
    {
        Matrices = a.Matrices * times,
        Attention = a.Attention * times,
        Elementwise = a.Elementwise * times,
        Recompute = a.Recompute * times,
        Launch = a.Launch * times,
        TensorParallel = a.TensorParallel * times,
        ContextParallel = a.ContextParallel * times,
        ExpertParallel = a.ExpertParallel * times,
        Forward = a.Forward * times,
        Flops = a.Flops * times,
        MemoryTraffic = a.MemoryTraffic * times,
        NvlinkBytes = a.NvlinkBytes * times,
        NetworkBytes = a.NetworkBytes * times,
    };
}

/// <summary>What a microbatch takes of a rank, whatever the pipeline and data-parallel degrees: reusable over those.</summary>
/// <param name="Dense">A layer without experts.</param>
/// <param name="Mixture">A layer with experts; like <paramref name="Dense"/> where the model has none.</param>
/// <param name="Embedding">Look-up and, for images, the vision tower: on the first stage.</param>
/// <param name="Head">Last norm, logits and loss: on the last stage.</param>
public readonly record struct MicroBatchTimes(LayerTime Dense, LayerTime Mixture, LayerTime Embedding, LayerTime Head);
