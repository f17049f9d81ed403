using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>A Llama's shape in the metadata of a GGUF file.</summary>
internal static class GgufArchitecture
{
    private const string Name = "llama";

    /// <summary>llama.cpp's default where the file gives no theta.</summary>
    private const double DefaultTheta = 10_000;

    /// <exception cref="ConfigException">
    /// The file is of another architecture, or asks for what this program does not do; lists all of it.
    /// </exception>
    /// <exception cref="CheckpointException">A key is missing or malformed.</exception>
    public static HuggingFaceConfig Read(GgufFile file)
    {
        var metadata = file.Metadata;
        if (metadata.Text("general.architecture") is var name && name != Name)
            throw new ConfigException($"{file.Path}: general.architecture is {name ?? "missing"}; supported: {Name}.");
        RefuseUnsupported(file);
        var model = ReadShape(file);
        ConfigException.ThrowIfAny(model.FindProblems(file.Path));
        model = model with { RopeScaling = GgufRope.Read(file, model) };
        var tokenizer = GgufTokenizerMetadata.Read(metadata);
        return new HuggingFaceConfig
        {
            Architecture = model,
            Dtype = file.Tensors.Weights.FirstOrDefault(w => w.Name == GgufNames.Embedding)?.Type,
            BosTokenId = tokenizer?.BosId,
            EosTokenIds = [.. new[] { tokenizer?.EosId, tokenizer?.EotId }.OfType<int>().Distinct()],
            PadTokenId = tokenizer?.PadId,
        };
    }

    /// <summary>Adds the keys of a shape.</summary>
    public static void Write(GgufMetadata metadata, LlamaArchitecture model)
    {
        metadata.Add($"{Name}.vocab_size", (uint)model.VocabSize);
        metadata.Add($"{Name}.context_length", (uint)model.MaxPositionEmbeddings);
        metadata.Add($"{Name}.embedding_length", (uint)model.HiddenSize);
        metadata.Add($"{Name}.block_count", (uint)model.NumLayers);
        metadata.Add($"{Name}.feed_forward_length", (uint)model.IntermediateSize);
        metadata.Add($"{Name}.attention.head_count", (uint)model.NumAttentionHeads);
        metadata.Add($"{Name}.attention.head_count_kv", (uint)model.NumKeyValueHeads);
        metadata.Add($"{Name}.attention.key_length", (uint)model.HeadDim);
        metadata.Add($"{Name}.attention.value_length", (uint)model.HeadDim);
        metadata.Add($"{Name}.attention.layer_norm_rms_epsilon", (float)model.RmsNormEps);
        metadata.Add($"{Name}.rope.dimension_count", (uint)model.HeadDim);
        metadata.Add($"{Name}.rope.freq_base", (float)model.RopeTheta);
        GgufRope.Write(metadata, model.RopeScaling);
    }

    private static LlamaArchitecture ReadShape(GgufFile file)
    {
        var metadata = file.Metadata;
        var heads = metadata.RequiredInteger($"{Name}.attention.head_count");
        var hidden = metadata.RequiredInteger($"{Name}.embedding_length");
        var headDim = metadata.Integer($"{Name}.attention.key_length") ?? 0;
        var embedding = file.Tensors.Weights.FirstOrDefault(w => w.Name == GgufNames.Embedding)
            ?? throw new CheckpointException($"{file.Path}: has no tensor {GgufNames.Embedding}.");
        return new LlamaArchitecture
        {
            VocabSize = metadata.Integer($"{Name}.vocab_size") ?? checked((int)embedding.Shape[0]),
            HiddenSize = hidden,
            IntermediateSize = metadata.RequiredInteger($"{Name}.feed_forward_length"),
            NumLayers = metadata.RequiredInteger($"{Name}.block_count"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = metadata.Integer($"{Name}.attention.head_count_kv") ?? heads,
            HeadDim = headDim * heads == hidden ? 0 : headDim,
            RopeTheta = metadata.Number($"{Name}.rope.freq_base") ?? DefaultTheta,
            RmsNormEps = metadata.Number($"{Name}.attention.layer_norm_rms_epsilon")
                ?? throw new CheckpointException($"{file.Path}: the key {Name}.attention.layer_norm_rms_epsilon is missing."),
            TieWordEmbeddings = file.Tensors.Weights.All(w => w.Name != GgufNames.Head),
            MaxPositionEmbeddings = metadata.RequiredInteger($"{Name}.context_length"),
        };
    }

    private static void RefuseUnsupported(GgufFile file)
    {
        var metadata = file.Metadata;
        var problems = new List<string>();
        Refuse("expert_count", v => v == 0, "0, a dense model");
        Refuse("attention.scale", v => v == 0, "0, which stands for 1/sqrt(head size)");
        if (metadata.Text($"{Name}.rope.scaling.type") is not (null or "none"))
            Refuse("rope.scaling.factor", v => v is 0 or 1, "1; scaling is read from the tensor rope_freqs.weight alone");
        var keyLength = metadata.Integer($"{Name}.attention.key_length");
        if (keyLength is { } length)
        {
            Refuse("attention.value_length", v => v == length, $"{length}, the key_length");
            Refuse("rope.dimension_count", v => v == length, $"{length}, all of a head");
        }

        ConfigException.ThrowIfAny(problems);

        void Refuse(string key, Func<double, bool> isFine, string supported)
        {
            if (metadata.Number($"{Name}.{key}") is { } value && !isFine(value))
                problems.Add($"{file.Path}: {Name}.{key} is {value}; supported: {supported}.");
        }
    }
}
