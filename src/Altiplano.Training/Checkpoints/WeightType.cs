namespace Altiplano.Training.Checkpoints;

/// <summary>How the elements of a tensor lie in a file; names are those of safetensors and ggml.</summary>
public enum WeightType
{
    F64,
    F32,
    F16,
    BF16,
    /// <summary>ggml's blocks of 32 signed bytes with one F16 scale: 34 bytes.</summary>
    Q8_0,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
}

/// <summary>Sizes and names of the element types.</summary>
public static class WeightTypes
{
    /// <summary>Elements that are stored together: 32 for Q8_0, else 1.</summary>
    public static int BlockElements(this WeightType type) => type == WeightType.Q8_0 ? 32 : 1;

    /// <summary>Bytes of one block.</summary>
    public static int BlockBytes(this WeightType type) => type switch
    {
        WeightType.F64 or WeightType.I64 => 8,
        WeightType.F32 or WeightType.I32 => 4,
        WeightType.F16 or WeightType.BF16 or WeightType.I16 => 2,
        WeightType.Q8_0 => 34,
        _ => 1,
    };

    /// <param name="elements">A multiple of the block.</param>
    public static long ByteCount(this WeightType type, long elements) =>
        checked(elements / type.BlockElements() * type.BlockBytes());

    /// <summary>Whether <see cref="WeightCodec"/> reads and writes its elements as numbers.</summary>
    public static bool IsReal(this WeightType type) => type <= WeightType.Q8_0;

    internal static string SafetensorsName(this WeightType type) => type switch
    {
        WeightType.Bool => "BOOL",
        WeightType.Q8_0 => throw new ArgumentException("safetensors has no block-quantised types", nameof(type)),
        _ => type.ToString(),
    };

    internal static WeightType? FromSafetensorsName(string? name) => name switch
    {
        "F64" => WeightType.F64,
        "F32" => WeightType.F32,
        "F16" => WeightType.F16,
        "BF16" => WeightType.BF16,
        "I64" => WeightType.I64,
        "I32" => WeightType.I32,
        "I16" => WeightType.I16,
        "I8" => WeightType.I8,
        "U8" => WeightType.U8,
        "BOOL" => WeightType.Bool,
        _ => null,
    };
}
