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
    /// <summary>What rounding to a type may change a logit by, over the largest logit.</summary>
    private double Price => Type switch
    {
        WeightType.F64 or WeightType.F32 => 1e-5,
        WeightType.F16 => 1e-2,
        _ => 1e-1,
    };

    /// <summary>Writes a GGUF file where the target ends in .gguf, else a Hugging Face folder.</summary>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ConfigException">The target exists, or Meta's tokenizer has no licence beside it.</exception>
    /// <exception cref="CheckpointException">
    /// It cannot be written, or does not give the model's logits when read back.
    /// </exception>
    public long Write(Engine engine, OpenedModel source, string target)
    {
        var tokenizer = source.LoadTokenizer();
        var isGguf = target.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        var roundTrip = new LogitsRoundTrip(engine, source, p => isGguf ? GgufExporter.StoredType(p, Type) : Type, Price);
        var options = new ExportOptions
        {
            Type = Type, Name = Name, Overwrite = Overwrite, TokenizerLicensePath = TokenizerLicense,
            IsTokenizerFromMeta = tokenizer?.IsFromMeta ?? false, Verify = roundTrip.FindProblem,
        };
        return isGguf
            ? WriteGguf(source, tokenizer, target, options)
            : WriteFolder(source, tokenizer, target, options);
    }

    private static long WriteGguf(OpenedModel source, Tokenizer? tokenizer, string target, ExportOptions options)
    {
        var gguf = tokenizer is null ? null : GgufTokenizer.Of(tokenizer, source.Architecture.VocabSize);
        return GgufExporter.Write(source.Weights, source.Config, target, options with { GgufTokenizer = gguf });
    }

    private static long WriteFolder(OpenedModel source, Tokenizer? tokenizer, string target, ExportOptions options)
    {
        if (tokenizer is null)
            return HuggingFaceExporter.Write(source.Weights, source.Config, target, options);
        var folder = Directory.CreateTempSubdirectory("altiplano-tokenizer-");
        try
        {
            var json = Path.Combine(folder.FullName, "tokenizer.json");
            var config = Path.Combine(folder.FullName, "tokenizer_config.json");
            HuggingFaceTokenizerJson.Write(tokenizer, json);
            HuggingFaceTokenizerJson.WriteConfig(
                tokenizer, config, source.Architecture.MaxPositionEmbeddings, ChatFormat.For(tokenizer)?.Template);
            return HuggingFaceExporter.Write(
                source.Weights, source.Config, target, options with { TokenizerFiles = [json, config] });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
