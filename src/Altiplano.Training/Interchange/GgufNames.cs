using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary>Names of a Llama's tensors in GGUF and in Hugging Face's files.</summary>
internal static class GgufNames
{
    public const string RopeFreqs = "rope_freqs.weight";
    public const string Embedding = "token_embd.weight";
    public const string Head = "output.weight";

    private const string LayerPrefix = "model.layers.";
    private const string BlockPrefix = "blk.";
    private const string Suffix = ".weight";

    private static readonly (string HuggingFace, string Gguf)[] Whole =
    [
        (ParameterTable.EmbeddingName, Embedding), (ParameterTable.FinalNormName, "output_norm.weight"),
        (ParameterTable.HeadName, Head),
    ];

    private static readonly (string HuggingFace, string Gguf)[] Parts =
    [
        ("input_layernorm", "attn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"), ("post_attention_layernorm", "ffn_norm"),
        ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down"),
    ];

    /// <param name="name">A name of the parameter table.</param>
    public static string ToGguf(string name)
    {
        if (Whole.FirstOrDefault(w => w.HuggingFace == name).Gguf is { } whole)
            return whole;
        var (layer, part) = Split(name, LayerPrefix);
        return $"{BlockPrefix}{layer}.{Parts.First(p => p.HuggingFace == part).Gguf}{Suffix}";
    }

    /// <summary>Hugging Face's name; a name that belongs to no Llama stays as it is.</summary>
    public static string ToHuggingFace(string name)
    {
        if (Whole.FirstOrDefault(w => w.Gguf == name).HuggingFace is { } whole)
            return whole;
        if (!name.StartsWith(BlockPrefix, StringComparison.Ordinal) || !name.EndsWith(Suffix, StringComparison.Ordinal))
            return name;
        var (layer, part) = Split(name, BlockPrefix);
        var known = Parts.FirstOrDefault(p => p.Gguf == part).HuggingFace;
        return known is null ? name : $"{LayerPrefix}{layer}.{known}{Suffix}";
    }

    /// <summary><c>PREFIX 3 . part . weight</c> into layer and part.</summary>
    private static (string Layer, string Part) Split(string name, string prefix)
    {
        var rest = name[prefix.Length..^Suffix.Length];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (rest, "") : (rest[..dot], rest[(dot + 1)..]);
    }
}
