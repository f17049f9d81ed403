using Altiplano.Planning;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Layers;

/// <summary>The three names of an element type: in a run file, in libtorch, in weight files.</summary>
public static class TypeMapping
{
    public static ScalarType ToScalarType(this Precision precision) => precision switch
    {
        Precision.Fp32 => ScalarType.Float32,
        Precision.Fp64 => ScalarType.Float64,
        Precision.Bf16 => ScalarType.BFloat16,
        _ => throw new ArgumentOutOfRangeException(nameof(precision), precision, "has no element type"),
    };

    public static WeightType ToWeightType(this ScalarType type) => type switch
    {
        ScalarType.Float32 => WeightType.F32,
        ScalarType.Float64 => WeightType.F64,
        ScalarType.BFloat16 => WeightType.BF16,
        ScalarType.Float16 => WeightType.F16,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no type of weights"),
    };
}
