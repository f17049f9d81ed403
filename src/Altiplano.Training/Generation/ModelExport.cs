using Altiplano.Data.Tokenizers;
using Altiplano.Planning;
using Altiplano.Torch;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Training.Generation;

/// <summary>Exports a model with its tokenizer, and reads it back before it counts.</summary>
/// <param name="Type">Element type of the weights.</param>
/// <param name="Name">The model's name inside a GGUF file.</param>
/// <param name="TokenizerLicense">Meta's licence, without which a tokenizer of Meta's is not exported.</param>
public sealed record ModelExport(WeightType Type, string Name, bool Overwrite = false, string? TokenizerLicense = null)
{
    /// <summary>Differences that rounding to a type explains, over the largest logit.</summary>
    private double Tolerance => Type switch
    {
        WeightType.F64 or WeightType.F32 => 1e-5,
        WeightType.F16 => 1e-2,
        _ => 1e-1,
    };

    /// <summary>Writes a GGUF file where the target ends in .gguf, else a Hugging Face folder.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ConfigException">The target exists, or Meta's tokenizer has no licence beside it.</exception>
    /// <exception cref="CheckpointException">It cannot be written, or does not give the model's logits when read back.</exception>
    public long Write(Engine engine, OpenedModel source, string target)
    {
        using var original = new InferenceModel(engine, source, ScalarType.Float32);
        var options = new ExportOptions
        {
            Type = Type, Name = Name, Overwrite = Overwrite, TokenizerLicensePath = TokenizerLicense,
            IsTokenizerFromMeta = original.Tokenizer?.IsFromMeta ?? false,
            Verify = new LogitsRoundTrip(original, Tolerance).FindProblem,
        };
        return target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
            ? WriteGguf(source, original, target, options)
            : WriteFolder(source, original, target, options);
    }

    private static long WriteGguf(OpenedModel source, InferenceModel original, string target, ExportOptions options)
    {
        var tokenizer = original.Tokenizer is { } t ? GgufTokenizer.Of(t, original.Architecture.VocabSize) : null;
        return GgufExporter.Write(source.Weights, source.Config, target, options with { GgufTokenizer = tokenizer });
    }

    private static long WriteFolder(OpenedModel source, InferenceModel original, string target, ExportOptions options)
    {
        if (original.Tokenizer is not { } tokenizer)
            return HuggingFaceExporter.Write(source.Weights, source.Config, target, options);
        var folder = Directory.CreateTempSubdirectory("altiplano-tokenizer-");
        try
        {
            var (json, config) = (Path.Combine(folder.FullName, "tokenizer.json"), Path.Combine(folder.FullName, "tokenizer_config.json"));
            HuggingFaceTokenizerJson.Write(tokenizer, json);
            HuggingFaceTokenizerJson.WriteConfig(
                tokenizer, config, original.Architecture.MaxPositionEmbeddings, ChatFormat.For(tokenizer)?.Template);
            return HuggingFaceExporter.Write(
                source.Weights, source.Config, target, options with { TokenizerFiles = [json, config] });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
