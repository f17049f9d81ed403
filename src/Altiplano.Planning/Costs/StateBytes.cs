using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>Bytes that each parameter of a rank costs in model states, after ZeRO's sharding; routed experts have their own mesh.</summary>
/// <remarks>
/// 16 bits: parameter 2, gradient 2 or 4, fp32 master and Adam's moments 12. ZeRO 3 keeps the fp32 master as its shard of the
/// parameters (FSDP2), so 4 + 4 + 8. fp32 and fp64 are their own master.
/// </remarks>
internal readonly record struct StateBytes(
    double Parameter, double Gradient, double Optimizer, double RoutedParameter, double RoutedGradient, double RoutedOptimizer)
{
    public static StateBytes Of(Precision precision, MemoryCoefficients stack, in Layout layout)
    {
        var width = ElementWidth.Of(precision);
        var is16Bit = width == 2;
        var isFsdp = layout.ZeroStage == 3;
        var parameter = is16Bit && isFsdp ? 4 : width;
        var gradient = !is16Bit ? width : isFsdp ? 4 : stack.GradientBytes;
        var optimizer = 2 * Math.Max(4, width) + (is16Bit && !isFsdp ? 4 : 0);
        var shards = (double)layout.DpShard * layout.Cp;
        var routedShards = Math.Max(1, shards / layout.Ep);
        return new StateBytes(
            parameter / (layout.ZeroStage >= 3 ? shards : 1), gradient / (layout.ZeroStage >= 2 ? shards : 1),
            optimizer / (layout.ZeroStage >= 1 ? shards : 1), parameter / (layout.ZeroStage >= 3 ? routedShards : 1),
            gradient / (layout.ZeroStage >= 2 ? routedShards : 1), optimizer / (layout.ZeroStage >= 1 ? routedShards : 1));
    }
}
