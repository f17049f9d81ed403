using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Numbers of the GGUF format.</summary>
/// <remarks>Source: ggml-org/ggml, docs/gguf.md, and ggml.h's ggml_type.</remarks>
internal static class GgufType
{
    public const uint Magic = 0x46554747; // "GGUF"
    public const uint Version = 3;
    public const int DefaultAlignment = 32;
    public const string AlignmentKey = "general.alignment";

    private static readonly (uint Id, WeightType Type)[] Read =
    [
        (0, WeightType.F32), (1, WeightType.F16), (8, WeightType.Q8_0), (24, WeightType.I8), (25, WeightType.I16),
        (26, WeightType.I32), (27, WeightType.I64), (28, WeightType.F64), (30, WeightType.BF16),
    ];

    /// <summary>Names of types that exist and are not read, for messages.</summary>
    private static readonly Dictionary<uint, string> Unread = new()
    {
        [2] = "Q4_0", [3] = "Q4_1", [6] = "Q5_0", [7] = "Q5_1", [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K", [12] = "Q4_K",
        [13] = "Q5_K", [14] = "Q6_K", [15] = "Q8_K", [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S",
        [20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS", [29] = "IQ1_M", [34] = "TQ1_0",
        [35] = "TQ2_0", [39] = "MXFP4",
    };

    public static WeightType? ToWeightType(uint id) => Read.Any(r => r.Id == id) ? Read.First(r => r.Id == id).Type : null;

    public static uint IdOf(WeightType type) => Read.First(r => r.Type == type).Id;

    public static string NameOf(uint id) => Unread.GetValueOrDefault(id, $"type {id}");

    /// <summary>llama.cpp's <c>general.file_type</c>: the type of most matrices.</summary>
    public static uint FileTypeOf(WeightType type) => type switch
    {
        WeightType.F32 => 0,
        WeightType.F16 => 1,
        WeightType.Q8_0 => 7,
        WeightType.BF16 => 32,
        _ => throw new ArgumentException($"{type} is no type of an exported GGUF file", nameof(type)),
    };

    public static long Align(long position, long alignment) => (position + alignment - 1) / alignment * alignment;
}
