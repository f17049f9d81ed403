using Altiplano.Planning;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning;

/// <summary>The memory coefficients under which published runs are recomputed: by GPU, fabric and precision, nothing else.</summary>
internal static class MemoryStacks
{
    /// <summary>Megatron on Selene; published figures are states and activations, without context and buffers.</summary>
    private static readonly MemoryCoefficients A100 = new()
    {
        Framework = new Bytes(500_000_000), Fragmentation = 0, HasFlashAttention = false,
    };

    /// <summary>Megatron-DeepSpeed on Jean Zay, as nvidia-smi saw it: three fifths of the runs in fp16 with 16-bit gradients.</summary>
    private static readonly MemoryCoefficients A100OmniPath = A100 with
    {
        Framework = new Bytes(10_000_000_000), Fragmentation = 0.25, GradientBytes = 2,
    };

    /// <summary>Fitted to nanotron's eager kernels, the only H100 runs in bf16 with measured memory.</summary>
    private static readonly MemoryCoefficients H100 = new()
    {
        Framework = new Bytes(2_500_000_000), Fragmentation = 0.2, LogitBytes = 5, HasFusedKernels = false,
    };

    /// <summary>Nothing measured: Transformer Engine's fused kernels, gradients in bf16 as NVIDIA's recipes have them.</summary>
    private static readonly MemoryCoefficients H100Assumed = new()
    {
        Framework = new Bytes(2_000_000_000), Fragmentation = 0.05, GradientBytes = 2, LogitBytes = 6,
    };

    private static readonly MemoryCoefficients H100Capped = new()
    {
        Framework = new Bytes(1_000_000_000), Fragmentation = 0, LogitBytes = 14, HasFusedKernels = false,
    };

    public static MemoryCoefficients Of(MappedCase run) =>
        (run.Cluster.Gpu.Name, run.Cluster.Network.Kind, run.Workload.Precision) switch
        {
            ("a100-80g" or "a100-40g", FabricKind.OmniPath, _) => A100OmniPath,
            ("a100-80g" or "a100-40g", _, _) => A100,
            ("h100-sxm-96g-500w", _, _) => H100Capped,
            ("h100-sxm", FabricKind.InfiniBand, Precision.Bf16) => H100,
            _ => H100Assumed,
        };
}
