using System.Text.Json;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary><c>model_type: llama4</c>: a text model and a vision tower; <c>llama4_text</c>: the text model alone.</summary>
internal static class Llama4Config
{
    internal const string SharedWidthKey = "shared_intermediate_size";
    internal const string DenseLayersKey = "num_dense_layers";
    private const int DefaultChunk = 8192;
    private const int DefaultNoRopeInterval = 4;
    private const double DefaultTheta = 500_000;
    private const int DefaultPositions = 131_072;

    public static TransformerShape Read(ConfigReader reader, string name)
    {
        var text = reader.Nested("text_config");
        if (text is null)
            reader.Problems.Add($"{reader.Path}: text_config is missing.");
        var vision = reader.Nested("vision_config");
        ShapeConfig.RefuseOthers(reader, "boi_token_index", "eoi_token_index", "image_token_index", "tie_word_embeddings");
        var shape = text is null ? Nothing(name) : ReadText(text, name);
        var tower = vision is null ? null : ReadVision(vision);
        reader.Problems.AddRange([.. text?.Problems ?? [], .. vision?.Problems ?? []]);
        if (tower is null)
            return shape;
        // A config says nothing of the images that it is trained on: text only, unless a run file says otherwise.
        var evidence = new Dictionary<string, Evidence> { ["vision.image_token_share"] = Evidence.Assumed };
        return shape with { Vision = tower, Evidence = evidence };
    }

    public static TransformerShape ReadText(ConfigReader reader, string name)
    {
        var shape = ShapeConfig.ReadCommon(reader, name);
        var (expertWidth, denseWidth) = (shape.IntermediateSize, reader.RequiredInteger("intermediate_size_mlp"));
        // The shared width and the leading dense layers are keys of our own: Hugging Face knows only the usual ones.
        var mixture = new MixtureShape(
            reader.RequiredInteger("num_local_experts"), reader.RequiredInteger("num_experts_per_tok"), expertWidth,
            reader.Integer(SharedWidthKey) ?? expertWidth, reader.Integer("interleave_moe_layer_step") ?? 1, reader.Integer(DenseLayersKey) ?? 0);
        var layers = reader.Integers("moe_layers");
        if (layers.Count > 0 && mixture.Interleave > 0 && !layers.SequenceEqual(Enumerable.Range(0, shape.NumLayers).Where(mixture.IsMixtureLayer)))
            reader.Refuse("moe_layers", $"every {mixture.Interleave}. layer, as interleave_moe_layer_step says");
        shape = shape with
        {
            IntermediateSize = denseWidth,
            Mixture = mixture,
            Window = new AttentionWindow(
                reader.Integer("attention_chunk_size") ?? DefaultChunk, FullEvery(reader, shape.NumLayers), IsChunked: true),
        };
        ShapeConfig.RefuseOthers(
            reader, "attn_scale", "attn_temperature_tuning", "cache_implementation", "floor_scale", "for_llm_compressor", "layer_types",
            "model_type", "use_qk_norm");
        return shape;
    }

    /// <summary>What the trainer knows of the text model, beyond its sizes.</summary>
    /// <param name="shape">What <see cref="ReadText"/> made of the same config.</param>
    public static LlamaArchitecture ReadArchitecture(ConfigReader text, TransformerShape shape)
    {
        var (theta, scaling) = RopeConfig.Read(text, DefaultTheta);
        var window = shape.Window!;
        var temperature = IsOn(text, "attn_temperature_tuning")
            ? new AttentionTemperature(text.Integer("floor_scale") ?? 8192, text.Number("attn_scale") ?? 0.1)
            : null;
        return new LlamaArchitecture
        {
            VocabSize = shape.VocabSize, HiddenSize = shape.HiddenSize, IntermediateSize = shape.IntermediateSize, NumLayers = shape.NumLayers,
            NumAttentionHeads = shape.NumAttentionHeads, NumKeyValueHeads = shape.NumKeyValueHeads, HeadDim = shape.HeadDim,
            RopeTheta = theta,
            RopeScaling = scaling,
            RmsNormEps = text.Number("rms_norm_eps") ?? 1e-5,
            TieWordEmbeddings = shape.TieWordEmbeddings,
            MaxPositionEmbeddings = text.Integer("max_position_embeddings") ?? DefaultPositions,
            Mixture = shape.Mixture,
            Attention = new Llama4Attention(window.Tokens, window.FullEvery, IsOn(text, "use_qk_norm"), temperature),
        };
    }

    /// <summary>A flag that is on unless it says otherwise; early configs have a number.</summary>
    private static bool IsOn(ConfigReader reader, string key) =>
        reader.Find(key) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() != 0 : reader.Flag(key) ?? true;

    private static VisionTower ReadVision(ConfigReader reader)
    {
        var side = reader.RequiredInteger("image_size") / Math.Max(1, reader.RequiredInteger("patch_size"));
        var ratio = reader.Number("pixel_shuffle_ratio") ?? 0.5;
        var patches = side * side;
        var tower = new VisionTower(
            reader.RequiredInteger("num_hidden_layers"), reader.RequiredInteger("hidden_size"), reader.RequiredInteger("intermediate_size"),
            reader.RequiredInteger("num_attention_heads"), patches, (int)(patches * ratio * ratio), ImageTokenShare: 0);
        ShapeConfig.RefuseOthers(
            reader, "hidden_act", "model_type", "multi_modal_projector_bias", "norm_eps", "num_channels", "projector_dropout",
            "projector_input_dim", "projector_output_dim", "vision_feature_layer", "vision_feature_select_strategy", "vision_output_dim");
        return tower;
    }

    /// <summary>Every how many layers one has no rotary embedding and sees the whole sequence: the list wins over the interval.</summary>
    private static int FullEvery(ConfigReader reader, int numLayers)
    {
        var interval = reader.Integer("no_rope_layer_interval") ?? DefaultNoRopeInterval;
        var rotary = reader.Integers("no_rope_layers");
        if (rotary.Count == 0)
            return interval;
        var full = Enumerable.Range(0, rotary.Count).Where(layer => rotary[layer] == 0).ToList();
        var every = full.Count == 0 ? 0 : full[0] + 1;
        if (!full.SequenceEqual(every == 0 ? [] : Every(every, numLayers)))
            reader.Refuse("no_rope_layers", "zeros at a fixed distance");
        return every;
    }

    /// <summary>The last layer of each group of so many.</summary>
    private static IEnumerable<int> Every(int group, int numLayers) =>
        Enumerable.Range(0, numLayers).Where(layer => (layer + 1) % group == 0);

    private static TransformerShape Nothing(string name) => new()
    {
        Name = name, VocabSize = 0, HiddenSize = 0, IntermediateSize = 0, NumLayers = 0, NumAttentionHeads = 0, NumKeyValueHeads = 0,
    };
}
