using Altiplano.Planning.Units;

namespace Altiplano.Planning.Costs;

/// <summary>What a software stack keeps in device memory beyond, or instead of, the tensors that every stack must keep.</summary>
/// <remarks>Chosen by GPU, fabric and precision alone, as all coefficients of a stack are.</remarks>
public sealed record MemoryCoefficients
{
    /// <summary>Driver context, workspaces and communication buffers.</summary>
    public required Bytes Framework { get; init; }

    /// <summary>Share of activations, temporaries and logits that the allocator loses, copies that no list has included.</summary>
    public required double Fragmentation { get; init; }

    /// <summary>Bytes of a parameter's gradient where the compute format has 16 bits: 4 for fp32 accumulation, 2 for bf16.</summary>
    public double GradientBytes { get; init; } = 4;

    /// <summary>Bytes for each logit at the peak of the loss, its gradient included: 4 where the loss is fused, up to 14 where eager.</summary>
    public double LogitBytes { get; init; } = 8;

    /// <summary>True where SwiGLU and rotary embedding are single kernels; else their intermediate results are kept too.</summary>
    public bool HasFusedKernels { get; init; } = true;

    /// <summary>True where attention never writes its scores; else a GPT's are kept, as before FlashAttention.</summary>
    public bool HasFlashAttention { get; init; } = true;

    /// <summary>Bytes of 8-bit copies (and their transposes) of each parameter, kept where products run in fp8.</summary>
    public double Fp8CopyBytes { get; init; }

    /// <summary>
    /// The least that software on such a stack keeps of the same layout: 16-bit gradients, fused kernels and loss, nothing lost. Frameworks
    /// differ by as much, and no layout tells which of them runs it.
    /// </summary>
    public MemoryCoefficients Lean() => this with
    {
        Fragmentation = 0,
        GradientBytes = Math.Min(2, GradientBytes),
        LogitBytes = Math.Min(4, LogitBytes),
        HasFusedKernels = true,
    };

    /// <summary>Most tokens that an expert-parallel rank receives over the mean.</summary>
    public double ExpertImbalance { get; init; } = 1.2;
}
