using Altiplano.Planning.Architecture;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys that describe a model, with Hugging Face's names: in a run file and in a preset.</summary>
internal static class ModelSection
{
    private static readonly LlamaArchitecture BlankLlama = new()
    {
        VocabSize = 0, HiddenSize = 0, IntermediateSize = 0, NumLayers = 0, NumAttentionHeads = 0, NumKeyValueHeads = 0,
    };

    /// <summary>What no file says yet.</summary>
    public static ModelDescription Blank { get; } = new() { Name = "inline", Llama = BlankLlama };

    private static RopeScaling BlankScaling { get; } = new(8, 1, 4, 8192);

    private static Section<RopeScaling> Scaling { get; } = new Section<RopeScaling>()
        .Add("rope_type", YamlFormats.OneOf(("llama3", true)), _ => true, (s, _) => s, "The kind of stretching.", isRequired: true)
        .Add("factor", Positive, s => s.Factor, (s, v) => s with { Factor = v },
            "Division of frequencies whose wavelength exceeds original / low.", isRequired: true)
        .Add("low_freq_factor", Positive, s => s.LowFreqFactor, (s, v) => s with { LowFreqFactor = v },
            "Wavelengths above original / low are divided.", isRequired: true)
        .Add("high_freq_factor", Positive, s => s.HighFreqFactor, (s, v) => s with { HighFreqFactor = v },
            "Wavelengths below original / high stay.", isRequired: true)
        .Add("original_max_position_embeddings", YamlFormats.Integer(1), s => s.OriginalMaxPositionEmbeddings,
            (s, v) => s with { OriginalMaxPositionEmbeddings = v }, "Context length before the stretch.", isRequired: true);

    private static Section<LlamaArchitecture> Architecture { get; } = new Section<LlamaArchitecture>()
        .Add("vocab_size", YamlFormats.Integer(1), m => m.VocabSize, (m, v) => m with { VocabSize = v },
            "Words of the vocabulary (V).", isRequired: true)
        .Add("hidden_size", YamlFormats.Integer(1), m => m.HiddenSize, (m, v) => m with { HiddenSize = v },
            "Width of the residual stream (D).", isRequired: true)
        .Add("intermediate_size", YamlFormats.Integer(1), m => m.IntermediateSize, (m, v) => m with { IntermediateSize = v },
            "Width of the feed-forward part (F).", isRequired: true)
        .Add("num_hidden_layers", YamlFormats.Integer(1), m => m.NumLayers, (m, v) => m with { NumLayers = v },
            "Decoder layers (L).", isRequired: true)
        .Add("num_attention_heads", YamlFormats.Integer(1), m => m.NumAttentionHeads, (m, v) => m with { NumAttentionHeads = v },
            "Query heads (N).", isRequired: true)
        .Add("num_key_value_heads", YamlFormats.Integer(1), m => m.NumKeyValueHeads, (m, v) => m with { NumKeyValueHeads = v },
            "Key and value heads (K), shared evenly by the query heads.", isRequired: true)
        .Add("head_dim", HeadDim, m => m.HeadDim, (m, v) => m with { HeadDim = v ?? 0 },
            "Size of one head (H); hidden_size / num_attention_heads unless given.")
        .Add("rope_theta", Positive, m => m.RopeTheta, (m, v) => m with { RopeTheta = v }, "Base of the rotary frequencies.")
        .Add("rope_scaling", new OptionalSection<RopeScaling>(Scaling, BlankScaling), m => m.RopeScaling,
            (m, v) => m with { RopeScaling = v }, "Stretching of the rotary frequencies: rope_type: llama3, factor, low_freq_factor, " +
                "high_freq_factor, original_max_position_embeddings.")
        .Add("rms_norm_eps", YamlFormats.Number("a number, 0 or more", v => v >= 0), m => m.RmsNormEps,
            (m, v) => m with { RmsNormEps = v }, "Added to the mean square in RMSNorm.")
        .Add("tie_word_embeddings", YamlFormats.Boolean, m => m.TieWordEmbeddings, (m, v) => m with { TieWordEmbeddings = v },
            "True where the head is the embedding matrix.")
        .Add("max_position_embeddings", YamlFormats.Integer(1), m => m.MaxPositionEmbeddings,
            (m, v) => m with { MaxPositionEmbeddings = v }, "Longest sequence, in tokens.");

    /// <summary>Every key that shapes a model.</summary>
    public static Section<ModelDescription> Keys { get; } = HardwareSections.WithEvidence(
        new Section<ModelDescription>()
            .Include(Architecture, m => m.Llama, (m, v) => m with { Llama = v })
            .Include(ShapeSection.Keys, m => m, (_, v) => v),
        Blank, m => m.Evidence, (m, v) => m with { Evidence = v }, m => m.Sources, (m, v) => m with { Sources = v },
        [.. ShapeSection.InnerKeys])
        .Check((m, path) => m.FindProblems(path));

    private static YamlFormat<double> Positive => YamlFormats.Number("a number above 0", v => v > 0);

    private static YamlFormat<int?> HeadDim => new OptionalFormat<int>(YamlFormats.Integer(1));
}
