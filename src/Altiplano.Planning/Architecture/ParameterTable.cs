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

    /// <summary>The key of a tensor of all experts of a layer: <c>gate_up_proj</c> or <c>down_proj</c>.</summary>
    public static string ExpertName(int layer, string part) => $"model.layers.{layer}.feed_forward.experts.{part}";

    /// <summary>Where a layer's gate, up and down lie; those that every token visits, in a mixture.</summary>
    public static string FeedForwardPart(LlamaArchitecture model, int layer) =>
        model.IsMixtureLayer(layer) ? "feed_forward.shared_expert" : model.IsDenseLlama ? "mlp" : "feed_forward";

    public static ParameterTable Of(LlamaArchitecture model)
    {
        var d = model.HiddenSize;
        var rows = new List<ParameterSpec>
        {
            new(EmbeddingName, [model.VocabSize, d], ParameterRole.Embedding, null),
        };
        for (var layer = 0; layer < model.NumLayers; layer++)
            rows.AddRange([.. Attention(model, layer), .. FeedForward(model, layer), .. Experts(model, layer)]);
        rows.Add(new ParameterSpec(FinalNormName, [d], ParameterRole.Norm, null));
        if (!model.TieWordEmbeddings)
            rows.Add(new ParameterSpec(HeadName, [model.VocabSize, d], ParameterRole.Head, null));
        return new ParameterTable(rows);
    }

    public IEnumerator<ParameterSpec> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static IEnumerable<ParameterSpec> Attention(LlamaArchitecture model, int layer)
    {
        var (d, h, n, k) = (model.HiddenSize, model.HeadDim, model.NumAttentionHeads, model.NumKeyValueHeads);
        yield return Row(layer, "input_layernorm", ParameterRole.Norm, d);
        yield return Row(layer, "self_attn.q_proj", ParameterRole.Projection, n * h, d);
        yield return Row(layer, "self_attn.k_proj", ParameterRole.Projection, k * h, d);
        yield return Row(layer, "self_attn.v_proj", ParameterRole.Projection, k * h, d);
        yield return Row(layer, "self_attn.o_proj", ParameterRole.DepthScaledProjection, d, n * h);
    }

    private static IEnumerable<ParameterSpec> FeedForward(LlamaArchitecture model, int layer)
    {
        var (d, f) = (model.HiddenSize, model.IsMixtureLayer(layer) ? model.Mixture!.SharedIntermediateSize : model.IntermediateSize);
        var part = FeedForwardPart(model, layer);
        yield return Row(layer, "post_attention_layernorm", ParameterRole.Norm, d);
        yield return Row(layer, $"{part}.gate_proj", ParameterRole.Projection, f, d);
        yield return Row(layer, $"{part}.up_proj", ParameterRole.DepthScaledProjection, f, d);
        yield return Row(layer, $"{part}.down_proj", ParameterRole.DepthScaledProjection, d, f);
    }

    private static IEnumerable<ParameterSpec> Experts(LlamaArchitecture model, int layer)
    {
        if (!model.IsMixtureLayer(layer))
            yield break;
        var (e, d, f) = (model.Mixture!.NumExperts, model.HiddenSize, model.Mixture.ExpertIntermediateSize);
        yield return Row(layer, "feed_forward.router", ParameterRole.DepthScaledProjection, e, d);
        yield return new ParameterSpec(ExpertName(layer, "gate_up_proj"), [e, d, 2 * f], ParameterRole.ExpertGateUp, layer);
        yield return new ParameterSpec(ExpertName(layer, "down_proj"), [e, f, d], ParameterRole.ExpertDown, layer);
    }

    private static ParameterSpec Row(int layer, string part, ParameterRole role, params ReadOnlySpan<long> shape) =>
        new(LayerName(layer, part), [.. shape], role, layer);
}
