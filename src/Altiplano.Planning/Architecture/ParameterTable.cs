using System.Collections;

namespace Altiplano.Planning.Architecture;

/// <summary>
/// Every parameter of a model, in the order of the forward pass; read by counting, initialisation, checkpoints, import and export.
/// </summary>
/// <remarks>q, k, v are neighbours, and so are gate and up: on adjacent memory each set is one matrix product.</remarks>
public sealed class ParameterTable : IReadOnlyList<ParameterSpec>
{
    public const string EmbeddingName = "model.embed_tokens.weight";
    public const string FinalNormName = "model.norm.weight";
    public const string HeadName = "lm_head.weight";

    private readonly IReadOnlyList<ParameterSpec> _parameters;

    private ParameterTable(IReadOnlyList<ParameterSpec> parameters) => _parameters = parameters;

    public int Count => _parameters.Count;
    public long NumParameters => _parameters.Sum(p => p.NumElements);
    public ParameterSpec this[int index] => _parameters[index];

    /// <summary>The key of a part of a decoder layer, for example <c>LayerName(3, "mlp.up_proj")</c>.</summary>
    public static string LayerName(int layer, string part) => $"model.layers.{layer}.{part}.weight";

    public static ParameterTable Of(LlamaArchitecture model)
    {
        var (d, f, h) = (model.HiddenSize, model.IntermediateSize, model.HeadDim);
        var (n, k) = (model.NumAttentionHeads, model.NumKeyValueHeads);
        var rows = new List<ParameterSpec>
        {
            new(EmbeddingName, [model.VocabSize, d], ParameterRole.Embedding, null),
        };
        for (var layer = 0; layer < model.NumLayers; layer++)
        {
            Add("input_layernorm", ParameterRole.Norm, d);
            Add("self_attn.q_proj", ParameterRole.Projection, n * h, d);
            Add("self_attn.k_proj", ParameterRole.Projection, k * h, d);
            Add("self_attn.v_proj", ParameterRole.Projection, k * h, d);
            Add("self_attn.o_proj", ParameterRole.DepthScaledProjection, d, n * h);
            Add("post_attention_layernorm", ParameterRole.Norm, d);
            Add("mlp.gate_proj", ParameterRole.Projection, f, d);
            Add("mlp.up_proj", ParameterRole.DepthScaledProjection, f, d);
            Add("mlp.down_proj", ParameterRole.DepthScaledProjection, d, f);

            void Add(string part, ParameterRole role, params ReadOnlySpan<long> shape) =>
                rows.Add(new ParameterSpec(LayerName(layer, part), [.. shape], role, layer));
        }

        rows.Add(new ParameterSpec(FinalNormName, [d], ParameterRole.Norm, null));
        if (!model.TieWordEmbeddings)
            rows.Add(new ParameterSpec(HeadName, [model.VocabSize, d], ParameterRole.Head, null));
        return new ParameterTable(rows);
    }

    public IEnumerator<ParameterSpec> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
