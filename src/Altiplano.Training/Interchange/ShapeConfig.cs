using System.Collections.Frozen;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary>What Hugging Face's <c>config.json</c> says of the shape of a model that can be planned, but not trained.</summary>
/// <remarks>A key that could change the shape and is not known here is refused; those that cannot are passed over.</remarks>
public static class ShapeConfig
{
    private static readonly FrozenDictionary<string, Func<ConfigReader, string, TransformerShape>> Families =
        new Dictionary<string, Func<ConfigReader, string, TransformerShape>>
        {
            ["deepseek_v3"] = DeepSeekConfig.Read,
            ["llama4"] = Llama4Config.Read,
            ["llama4_text"] = Llama4Config.ReadText,
            ["mixtral"] = MixtralConfig.Read,
        }.ToFrozenDictionary();

    /// <summary>Keys of tokens, numerics, rotary embedding and training details: nothing that a plan asks for.</summary>
    private static readonly string[] PassedOver =
    [
        "_attn_implementation", "_attn_implementation_autoset", "_name_or_path", "architectures", "attention_dropout", "auto_map",
        "bos_token_id", "dtype", "eos_token_id", "initializer_range", "max_position_embeddings", "output_router_logits", "pad_token_id",
        "pretraining_tp", "quantization_config", "rms_norm_eps", "rope_parameters", "rope_scaling", "rope_theta", "router_aux_loss_coef",
        "router_jitter_noise", "torch_dtype", "transformers_version", "use_cache",
    ];

    /// <summary>True unless the file describes a dense Llama.</summary>
    /// <exception cref="ConfigException">The file cannot be read as a JSON object.</exception>
    public static bool IsOfAnotherFamily(string path) =>
        new ConfigReader(ConfigReader.Load(path), path).Text("model_type") != "llama";

    /// <param name="name">What to call the model.</param>
    /// <exception cref="ConfigException">A key is missing, malformed or not known; lists all of them.</exception>
    public static TransformerShape ReadFile(string path, string name)
    {
        var reader = new ConfigReader(ConfigReader.Load(path), path);
        var family = reader.Text("model_type") ?? "";
        if (!Families.TryGetValue(family, out var read))
        {
            reader.Refuse("model_type", string.Join(", ", Families.Keys.Append("llama").Order(StringComparer.Ordinal)));
            throw new ConfigException(reader.Problems);
        }

        var shape = read(reader, name);
        ConfigException.ThrowIfAny(reader.Problems);
        ConfigException.ThrowIfAny(shape.FindProblems(path));
        return shape;
    }

    /// <summary>The model that a file describes, with what the trainer knows of it: the text model of a Llama 4.</summary>
    /// <inheritdoc cref="ReadFile"/>
    public static ModelSpec ReadModel(string path, string name)
    {
        var shape = ReadFile(path, name);
        var reader = new ConfigReader(ConfigReader.Load(path), path);
        var text = reader.Text("model_type") switch
        {
            "llama4" => reader.Nested("text_config"),
            "llama4_text" => reader,
            _ => null,
        };
        if (text is null)
            return new ModelSpec { Name = name, Shape = shape };
        var architecture = Llama4Config.ReadArchitecture(text, shape);
        ConfigException.ThrowIfAny(text.Problems);
        ConfigException.ThrowIfAny(architecture.FindProblems(path));
        return new ModelSpec { Name = name, Shape = shape, Architecture = architecture };
    }

    /// <summary>The sizes that every family has under the same keys.</summary>
    internal static TransformerShape ReadCommon(ConfigReader reader, string name)
    {
        if (reader.Text("hidden_act") is { } activation && activation != "silu")
            reader.Refuse("hidden_act", "silu");
        if (reader.Flag("attention_bias") == true)
            reader.Refuse("attention_bias", "false");
        var heads = reader.RequiredInteger("num_attention_heads");
        return new TransformerShape
        {
            Name = name,
            VocabSize = reader.RequiredInteger("vocab_size"),
            HiddenSize = reader.RequiredInteger("hidden_size"),
            IntermediateSize = reader.RequiredInteger("intermediate_size"),
            NumLayers = reader.RequiredInteger("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = reader.Integer("num_key_value_heads") ?? heads,
            HeadDim = reader.Integer("head_dim") ?? 0,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? false,
        };
    }

    /// <summary>Refuses what is left after a family has read its keys.</summary>
    internal static void RefuseOthers(ConfigReader reader, params ReadOnlySpan<string> alsoPassedOver) =>
        reader.RefuseOthers(new HashSet<string>([.. PassedOver, .. alsoPassedOver]));
}
