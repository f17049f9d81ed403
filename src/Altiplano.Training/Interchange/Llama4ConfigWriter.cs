using System.Text.Json;

namespace Altiplano.Training.Interchange;

/// <summary>Writes the keys of <c>model_type: llama4_text</c>: what a checkpoint says of a Llama 4.</summary>
internal static class Llama4ConfigWriter
{
    public static void Write(Utf8JsonWriter json, HuggingFaceConfig config)
    {
        var (model, mixture, attention) = (config.Architecture, config.Architecture.Mixture!, config.Architecture.Attention!);
        json.WriteStartArray("architectures");
        json.WriteStringValue("Llama4ForCausalLM");
        json.WriteEndArray();
        json.WriteBoolean("attention_bias", false);
        json.WriteNumber("attention_chunk_size", attention.ChunkTokens);
        json.WriteNumber("attention_dropout", 0.0);
        if (attention.Temperature is { } temperature)
        {
            json.WriteNumber("attn_scale", temperature.Scale);
            json.WriteNumber("floor_scale", temperature.FloorScale);
        }

        json.WriteBoolean("attn_temperature_tuning", attention.Temperature is not null);
        HuggingFaceConfigWriter.WriteTokenIds(json, config);
        json.WriteNumber("head_dim", model.HeadDim);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("hidden_size", model.HiddenSize);
        json.WriteNumber("initializer_range", 0.02);
        json.WriteNumber("interleave_moe_layer_step", mixture.Interleave);
        json.WriteNumber("intermediate_size", mixture.ExpertIntermediateSize);
        json.WriteNumber("intermediate_size_mlp", model.IntermediateSize);
        json.WriteNumber("max_position_embeddings", model.MaxPositionEmbeddings);
        json.WriteString("model_type", "llama4_text");
        WriteLayers(json, "moe_layers", Enumerable.Range(0, model.NumLayers).Where(model.IsMixtureLayer));
        WriteLayers(json, "no_rope_layers", Enumerable.Range(0, model.NumLayers).Select(layer => attention.IsFullLayer(layer) ? 0 : 1));
        json.WriteNumber("num_attention_heads", model.NumAttentionHeads);
        if (mixture.NumDenseLayers > 0)
            json.WriteNumber(Llama4Config.DenseLayersKey, mixture.NumDenseLayers);
        json.WriteNumber("num_experts_per_tok", mixture.TopK);
        json.WriteNumber("num_hidden_layers", model.NumLayers);
        json.WriteNumber("num_key_value_heads", model.NumKeyValueHeads);
        json.WriteNumber("num_local_experts", mixture.NumExperts);
        json.WriteNumber("rms_norm_eps", model.RmsNormEps);
        HuggingFaceConfigWriter.WriteScaling(json, model.RopeScaling);
        json.WriteNumber("rope_theta", model.RopeTheta);
        if (mixture.SharedIntermediateSize != mixture.ExpertIntermediateSize)
            json.WriteNumber(Llama4Config.SharedWidthKey, mixture.SharedIntermediateSize);
        json.WriteBoolean("tie_word_embeddings", model.TieWordEmbeddings);
        HuggingFaceConfigWriter.WriteDtype(json, config.Dtype);
        json.WriteBoolean("use_cache", true);
        json.WriteBoolean("use_qk_norm", attention.HasQkNorm);
        json.WriteNumber("vocab_size", model.VocabSize);
    }

    private static void WriteLayers(Utf8JsonWriter json, string key, IEnumerable<int> values)
    {
        json.WriteStartArray(key);
        foreach (var value in values)
            json.WriteNumberValue(value);
        json.WriteEndArray();
    }
}
