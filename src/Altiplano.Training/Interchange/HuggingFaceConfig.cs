using System.Text.Json;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>What <c>config.json</c> of a Llama says, as Hugging Face's transformers 4 and 5 write it.</summary>
/// <remarks>Folders are of dense Llamas; a Llama 4 is described so in checkpoints alone.</remarks>
public sealed record HuggingFaceConfig
{
    public const string FileName = "config.json";
    public const string GenerationFileName = "generation_config.json";

    public required LlamaArchitecture Architecture { get; init; }

    /// <summary>Element type of the weights, if it is said.</summary>
    public WeightType? Dtype { get; init; }

    public int? BosTokenId { get; init; }

    /// <summary>Tokens that end a text; generation stops at any of them.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    public int? PadTokenId { get; init; }

    /// <summary>
    /// Reads <c>config.json</c>; token ids of <c>generation_config.json</c> beside it, if any, take precedence.
    /// </summary>
    /// <exception cref="ConfigException">
    /// A key is missing, malformed, or asks for what this program does not do; lists all of them.
    /// </exception>
    public static HuggingFaceConfig ReadFolder(string folder)
    {
        var config = ReadFile(Path.Combine(folder, FileName));
        var generationPath = Path.Combine(folder, GenerationFileName);
        if (!File.Exists(generationPath))
            return config;
        var generation = new ConfigReader(ConfigReader.Load(generationPath), generationPath);
        var eos = generation.Integers("eos_token_id");
        config = config with
        {
            BosTokenId = generation.Integer("bos_token_id") ?? config.BosTokenId,
            EosTokenIds = eos.Count > 0 ? eos : config.EosTokenIds,
            PadTokenId = generation.Integer("pad_token_id") ?? config.PadTokenId,
        };
        ConfigException.ThrowIfAny(generation.Problems);
        return config;
    }

    /// <summary>Reads a file like <c>config.json</c>, whatever its name, and nothing beside it.</summary>
    /// <inheritdoc cref="ReadFolder"/>
    public static HuggingFaceConfig ReadFile(string path)
    {
        var json = ConfigReader.Load(path);
        var config = Parse(json, path);
        if (!config.Architecture.IsDenseLlama)
        {
            var reader = new ConfigReader(json, path);
            reader.Refuse("model_type", "llama");
            throw new ConfigException(reader.Problems);
        }

        return config;
    }

    /// <summary>Reads what a checkpoint says of its model: a dense Llama, or the text model of a Llama 4.</summary>
    /// <param name="path">Where the JSON comes from, for messages.</param>
    /// <inheritdoc cref="ReadFolder"/>
    public static HuggingFaceConfig Parse(JsonElement json, string path)
    {
        var reader = new ConfigReader(json, path);
        var isLlama4 = reader.Text("model_type") == "llama4_text";
        if (!isLlama4)
            RefuseUnsupported(reader);
        var architecture = isLlama4 ? Llama4Config.ReadArchitecture(reader, Llama4Config.ReadText(reader, "llama4")) : ReadArchitecture(reader);
        var config = new HuggingFaceConfig
        {
            Architecture = architecture,
            Dtype = ReadDtype(reader),
            BosTokenId = reader.Integer("bos_token_id"),
            EosTokenIds = reader.Integers("eos_token_id"),
            PadTokenId = reader.Integer("pad_token_id"),
        };
        ConfigException.ThrowIfAny(reader.Problems);
        ConfigException.ThrowIfAny(architecture.FindProblems(path));
        return config;
    }

    /// <summary>The content of <c>config.json</c>, in the keys that every version of transformers reads.</summary>
    public JsonElement ToJson() => HuggingFaceConfigWriter.Config(this);

    /// <summary>The content of <c>generation_config.json</c>.</summary>
    public JsonElement ToGenerationJson() => HuggingFaceConfigWriter.Generation(this);

    private static LlamaArchitecture ReadArchitecture(ConfigReader reader)
    {
        var heads = reader.RequiredInteger("num_attention_heads");
        var hidden = reader.RequiredInteger("hidden_size");
        var headDim = reader.Integer("head_dim") ?? 0;
        var (theta, scaling) = RopeConfig.Read(reader);
        // Absent keys mean the defaults of transformers' LlamaConfig, which are Llama 1's.
        return new LlamaArchitecture
        {
            VocabSize = reader.RequiredInteger("vocab_size"),
            HiddenSize = hidden,
            IntermediateSize = reader.RequiredInteger("intermediate_size"),
            NumLayers = reader.RequiredInteger("num_hidden_layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = reader.Integer("num_key_value_heads") ?? heads,
            // Left to follow from the others where it does, so that equal models are equal records.
            HeadDim = headDim * heads == hidden ? 0 : headDim,
            RopeTheta = theta,
            RopeScaling = scaling,
            RmsNormEps = reader.Number("rms_norm_eps") ?? 1e-6,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? false,
            MaxPositionEmbeddings = reader.Integer("max_position_embeddings") ?? 2048,
        };
    }

    private static WeightType? ReadDtype(ConfigReader reader) => (reader.Text("dtype") ?? reader.Text("torch_dtype")) switch
    {
        "float32" => WeightType.F32,
        "float16" => WeightType.F16,
        "bfloat16" => WeightType.BF16,
        "float64" => WeightType.F64,
        _ => null,
    };

    private static void RefuseUnsupported(ConfigReader reader)
    {
        if (reader.Text("model_type") != "llama")
            reader.Refuse("model_type", "llama");
        if (reader.Find("architectures") is { ValueKind: JsonValueKind.Array } names &&
            names.EnumerateArray().All(name => name.ToString() != "LlamaForCausalLM"))
        {
            reader.Refuse("architectures", "LlamaForCausalLM");
        }

        foreach (var key in new[] { "attention_bias", "mlp_bias" })
        {
            if (reader.Flag(key) == true)
                reader.Refuse(key, "false");
        }

        if (reader.Text("hidden_act") is { } activation && activation != "silu")
            reader.Refuse("hidden_act", "silu");
        if (reader.Number("attention_dropout") is { } dropout && dropout != 0)
            reader.Refuse("attention_dropout", "0");
        if (reader.Number("partial_rotary_factor") is { } part && part != 1)
            reader.Refuse("partial_rotary_factor", "1, all of a head is rotated");
        if (reader.Find("quantization_config") is not null)
            reader.Refuse("quantization_config", "weights that are not quantised");
    }
}
