using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Which layouts are run by PyTorch's FSDP or DeepSpeed's ZeRO-3 and not by Megatron: they take their kernels from other libraries.</summary>
/// <remarks>
/// Nothing but the layout tells. Sharded parameters are theirs; so are sharded gradients of an undivided model (FSDP's
/// SHARD_GRAD_OP), while Megatron shards gradients beside tensor or pipeline parallelism too.
/// </remarks>
internal static class ShardedStack
{
    public static bool Runs(in Layout layout) => Runs(layout.ZeroStage, layout.Tp, layout.Pp);

    public static bool Runs(int zeroStage, int tp, int pp) => zeroStage >= 3 || (zeroStage == 2 && tp == 1 && pp == 1);
}
