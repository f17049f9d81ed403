using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Tests;

/// <summary>Reads floating-point tensors of any type and stride as doubles.</summary>
internal static class HostValues
{
    public static double[] Read(Engine engine, Tensor tensor)
    {
        using var copy = engine.Empty(ScalarType.Float64, tensor.Shape);
        engine.Copy(copy, tensor);
        var values = new double[tensor.NumElements];
        engine.Download<double>(values, copy);
        return values;
    }
}
