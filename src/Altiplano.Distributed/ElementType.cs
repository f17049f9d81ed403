namespace Altiplano.Distributed;

/// <summary>What a <see cref="NativeBuffer"/> holds.</summary>
public enum ElementType
{
    Byte,
    Int32,
    Int64,

    /// <summary>The upper 16 bits of a float32; summed in float32 and rounded once, to nearest even.</summary>
    BFloat16,
    Float32,
    Float64,
}

/// <summary>Sizes of the element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.Byte => 1,
        ElementType.BFloat16 => 2,
        ElementType.Int32 or ElementType.Float32 => 4,
        ElementType.Int64 or ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no element type."),
    };
}
