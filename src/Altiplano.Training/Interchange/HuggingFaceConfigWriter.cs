using System.Buffers;
using System.Text.Json;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Writes the JSON of a <see cref="HuggingFaceConfig"/>.</summary>
internal static class HuggingFaceConfigWriter
{
    public static JsonElement Config(HuggingFaceConfig config) =>
        config.Architecture.IsDenseLlama ? Dense(config) : Build(json => Llama4ConfigWriter.Write(json, config));

    private static JsonElement Dense(HuggingFaceConfig config) => Build(json =>
    {
        var model = config.Architecture;
        json.WriteStartArray("architectures");
        json.WriteStringValue("LlamaForCausalLM");
        json.WriteEndArray();
        json.WriteBoolean("attention_bias", false);
        json.WriteNumber("attention_dropout", 0.0);
        WriteTokenIds(json, config);
        json.WriteNumber("head_dim", model.HeadDim);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("hidden_size", model.HiddenSize);
        json.WriteNumber("initializer_range", 0.02);
        json.WriteNumber("intermediate_size", model.IntermediateSize);
        json.WriteNumber("max_position_embeddings", model.MaxPositionEmbeddings);
        json.WriteBoolean("mlp_bias", false);
        json.WriteString("model_type", "llama");
        json.WriteNumber("num_attention_heads", model.NumAttentionHeads);
        json.WriteNumber("num_hidden_layers", model.NumLayers);
        json.WriteNumber("num_key_value_heads", model.NumKeyValueHeads);
        json.WriteNumber("pretraining_tp", 1);
        json.WriteNumber("rms_norm_eps", model.RmsNormEps);
        WriteScaling(json, model.RopeScaling);
        json.WriteNumber("rope_theta", model.RopeTheta);
        json.WriteBoolean("tie_word_embeddings", model.TieWordEmbeddings);
        WriteDtype(json, config.Dtype);
        json.WriteBoolean("use_cache", true);
        json.WriteNumber("vocab_size", model.VocabSize);
    });

    public static JsonElement Generation(HuggingFaceConfig config) => Build(json =>
    {
        json.WriteBoolean("_from_model_config", true);
        WriteTokenIds(json, config);
    });

    internal static void WriteTokenIds(Utf8JsonWriter json, HuggingFaceConfig config)
    {
        if (config.BosTokenId is { } bos)
            json.WriteNumber("bos_token_id", bos);
        if (config.EosTokenIds.Count == 1)
        {
            json.WriteNumber("eos_token_id", config.EosTokenIds[0]);
        }
        else if (config.EosTokenIds.Count > 1)
        {
            json.WriteStartArray("eos_token_id");
            foreach (var id in config.EosTokenIds)
                json.WriteNumberValue(id);
            json.WriteEndArray();
        }

        if (config.PadTokenId is { } pad)
            json.WriteNumber("pad_token_id", pad);
    }

    internal static void WriteScaling(Utf8JsonWriter json, RopeScaling? scaling)
    {
        if (scaling is null)
        {
            json.WriteNull("rope_scaling");
            return;
        }

        json.WriteStartObject("rope_scaling");
        json.WriteNumber("factor", scaling.Factor);
        json.WriteNumber("high_freq_factor", scaling.HighFreqFactor);
        json.WriteNumber("low_freq_factor", scaling.LowFreqFactor);
        json.WriteNumber("original_max_position_embeddings", scaling.OriginalMaxPositionEmbeddings);
        json.WriteString("rope_type", "llama3");
        json.WriteEndObject();
    }

    internal static void WriteDtype(Utf8JsonWriter json, WeightType? dtype)
    {
        if (dtype is { } type)
            json.WriteString("torch_dtype", NameOf(type));
    }

    private static string NameOf(WeightType type) => type switch
    {
        WeightType.F64 => "float64",
        WeightType.F16 => "float16",
        WeightType.BF16 => "bfloat16",
        _ => "float32",
    };

    private static JsonElement Build(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return JsonDocument.Parse(buffer.WrittenMemory).RootElement.Clone();
    }
}
