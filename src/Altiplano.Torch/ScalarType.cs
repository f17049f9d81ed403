namespace Altiplano.Torch;

/// <summary>Element types of tensors; the values are libtorch's own codes.</summary>
public enum ScalarType
{
    UInt8 = 0,
    Int32 = 3,
    Int64 = 4,
    Float16 = 5,
    Float32 = 6,
    Float64 = 7,
    Bool = 11,
    BFloat16 = 15,
}

public static class ScalarTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ScalarType type) => type switch
    {
        ScalarType.UInt8 or ScalarType.Bool => 1,
        ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "has no known size"),
    };

    /// <summary>The type in which sums over this type are kept: fp64 for fp64, else fp32.</summary>
    public static ScalarType Accumulator(this ScalarType type) =>
        type == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;

    /// <summary>The short name of the field: f32, bf16, i64.</summary>
    public static string ShortName(this ScalarType type) => type switch
    {
        ScalarType.UInt8 => "u8",
        ScalarType.Int32 => "i32",
        ScalarType.Int64 => "i64",
        ScalarType.Float16 => "f16",
        ScalarType.Float32 => "f32",
        ScalarType.Float64 => "f64",
        ScalarType.Bool => "bool",
        ScalarType.BFloat16 => "bf16",
        _ => type.ToString(),
    };
}
