using Altiplano.Planning.Architecture;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys that make a model another than a dense Llama: with some of them a Llama 4, with others one that can only be planned.</summary>
internal static class ShapeSection
{
    private static readonly MixtureShape BlankMixture = new(0, 0, 0);
    private static readonly LatentAttentionShape BlankLatent = new(0, 0, 0, 0, 0);
    private static readonly AttentionWindow BlankWindow = new(0, 0, false);
    private static readonly VisionTower BlankVision = new(0, 0, 0, 0, 0, 0, 0);
    private static readonly AttentionTemperature BlankTemperature = new(8192, 0.1);

    private static Section<MixtureShape> Mixture { get; } = new Section<MixtureShape>()
        .Add("num_experts", YamlFormats.Integer(1), m => m.NumExperts, (m, v) => m with { NumExperts = v },
            "Routed experts (E).", isRequired: true)
        .Add("top_k", YamlFormats.Integer(1), m => m.TopK, (m, v) => m with { TopK = v },
            "Experts that a token visits.", isRequired: true)
        .Add("expert_intermediate_size", YamlFormats.Integer(1), m => m.ExpertIntermediateSize,
            (m, v) => m with { ExpertIntermediateSize = v },
            "Width of one expert.", isRequired: true)
        .Add("shared_intermediate_size", YamlFormats.Integer(0), m => m.SharedIntermediateSize,
            (m, v) => m with { SharedIntermediateSize = v },
            "Width of the expert that every token visits.")
        .Add("interleave", YamlFormats.Integer(1), m => m.Interleave, (m, v) => m with { Interleave = v },
            "Every how many layers.")
        .Add("num_dense_layers", YamlFormats.Integer(0), m => m.NumDenseLayers, (m, v) => m with { NumDenseLayers = v },
            "Leading layers without.");

    private static Section<LatentAttentionShape> Latent { get; } = new Section<LatentAttentionShape>()
        .Add("q_lora_rank", YamlFormats.Integer(0), m => m.QueryRank, (m, v) => m with { QueryRank = v },
            "Compressed query; 0 for none.")
        .Add("kv_lora_rank", YamlFormats.Integer(1), m => m.KeyValueRank, (m, v) => m with { KeyValueRank = v },
            "", isRequired: true)
        .Add("qk_nope_head_dim", YamlFormats.Integer(1), m => m.NopeHeadDim, (m, v) => m with { NopeHeadDim = v },
            "", isRequired: true)
        .Add("qk_rope_head_dim", YamlFormats.Integer(0), m => m.RopeHeadDim, (m, v) => m with { RopeHeadDim = v },
            "", isRequired: true)
        .Add("v_head_dim", YamlFormats.Integer(1), m => m.ValueHeadDim, (m, v) => m with { ValueHeadDim = v },
            "", isRequired: true);

    private static Section<AttentionWindow> Window { get; } = new Section<AttentionWindow>()
        .Add("tokens", YamlFormats.Integer(1), w => w.Tokens, (w, v) => w with { Tokens = v }, "Longest span.", isRequired: true)
        .Add("full_every", YamlFormats.Integer(0), w => w.FullEvery, (w, v) => w with { FullEvery = v },
            "Every how many layers one sees all.")
        .Add("chunked", YamlFormats.Boolean, w => w.IsChunked, (w, v) => w with { IsChunked = v },
            "Chunks instead of a sliding window.");

    private static Section<AttentionTemperature> Temperature { get; } = new Section<AttentionTemperature>()
        .Add("floor_scale", YamlFormats.Integer(1), t => t.FloorScale, (t, v) => t with { FloorScale = v }, "Positions between two steps.")
        .Add("attn_scale", YamlFormats.Number("a number, 0 or more", v => v >= 0), t => t.Scale, (t, v) => t with { Scale = v },
            "Growth with the logarithm of the steps.");

    private static Section<VisionTower> Vision { get; } = new Section<VisionTower>()
        .Add("num_hidden_layers", YamlFormats.Integer(1), t => t.NumLayers, (t, v) => t with { NumLayers = v },
            "", isRequired: true)
        .Add("hidden_size", YamlFormats.Integer(1), t => t.HiddenSize, (t, v) => t with { HiddenSize = v }, "", isRequired: true)
        .Add("intermediate_size", YamlFormats.Integer(1), t => t.IntermediateSize, (t, v) => t with { IntermediateSize = v },
            "", isRequired: true)
        .Add("num_attention_heads", YamlFormats.Integer(1), t => t.NumAttentionHeads, (t, v) => t with { NumAttentionHeads = v },
            "", isRequired: true)
        .Add("tokens_per_image", YamlFormats.Integer(1), t => t.TokensPerImage, (t, v) => t with { TokensPerImage = v },
            "", isRequired: true)
        .Add("decoder_tokens_per_image", YamlFormats.Integer(1), t => t.DecoderTokensPerImage, (t, v) => t with { DecoderTokensPerImage = v },
            "",
            isRequired: true)
        .Add("image_token_share", YamlFormats.Number("a share from 0 up to, but not, 1", v => v is >= 0 and < 1), t => t.ImageTokenShare,
            (t, v) => t with { ImageTokenShare = v }, "", isRequired: true);

    public static Section<ModelDescription> Keys { get; } = new Section<ModelDescription>()
        .Add("mlp_gated", new UsualFormat<bool>(YamlFormats.Boolean, true), m => m.IsMlpGated,
            (m, v) => m with { IsMlpGated = v },
            "False for two feed-forward matrices in place of three, as in GPT.")
        .Add("biases", new UsualFormat<bool>(YamlFormats.Boolean, false), m => m.HasBiases, (m, v) => m with { HasBiases = v },
            "True for biases on every matrix and norm.")
        .Add("learned_positions", new UsualFormat<int>(YamlFormats.Integer(0), 0), m => m.LearnedPositions,
            (m, v) => m with { LearnedPositions = v },
            "Rows of a learned position embedding; 0 for rotary ones.")
        .Add("mixture", new OptionalSection<MixtureShape>(Mixture, BlankMixture), m => m.Mixture,
            (m, v) => m with { Mixture = v },
            $"A mixture of experts: {string.Join(", ", Mixture.KeyNames)}.")
        .Add("latent_attention", new OptionalSection<LatentAttentionShape>(Latent, BlankLatent), m => m.LatentAttention,
            (m, v) => m with { LatentAttention = v }, $"Low-rank queries, keys and values: {string.Join(", ", Latent.KeyNames)}.")
        .Add("window", new OptionalSection<AttentionWindow>(Window, BlankWindow), m => m.Window, (m, v) => m with { Window = v },
            $"Attention to a part of the sequence: {string.Join(", ", Window.KeyNames)}.")
        .Add("use_qk_norm", new UsualFormat<bool>(YamlFormats.Boolean, false), m => m.HasQkNorm, (m, v) => m with { HasQkNorm = v },
            "Llama 4: true where queries and keys are normalised after their rotation.")
        .Add("attn_temperature_tuning", new OptionalSection<AttentionTemperature>(Temperature, BlankTemperature), m => m.Temperature,
            (m, v) => m with { Temperature = v },
            $"Llama 4: queries of layers that see all grow with their position: {string.Join(", ", Temperature.KeyNames)}.")
        .Add("vision", new OptionalSection<VisionTower>(Vision, BlankVision), m => m.Vision, (m, v) => m with { Vision = v },
            $"An image encoder: {string.Join(", ", Vision.KeyNames)}.");

    /// <summary>What may be graded inside the keys above.</summary>
    public static IReadOnlyList<string> InnerKeys { get; } =
    [
        .. Mixture.KeyNames.Select(key => $"mixture.{key}"), .. Latent.KeyNames.Select(key => $"latent_attention.{key}"),
        .. Window.KeyNames.Select(key => $"window.{key}"), .. Temperature.KeyNames.Select(key => $"attn_temperature_tuning.{key}"),
        .. Vision.KeyNames.Select(key => $"vision.{key}"),
    ];
}
