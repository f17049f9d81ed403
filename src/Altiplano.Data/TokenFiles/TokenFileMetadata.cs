using System.Text.Json;
using System.Text.Json.Serialization;

namespace Altiplano.Data.TokenFiles;

/// <summary>What the Megatron format does not say about token files; lies beside them as NAME.meta.json.</summary>
public sealed record TokenFileMetadata
{
    public required int Version { get; init; }

    /// <summary>"sha256:..." of the tokenizer that made the tokens.</summary>
    public required string TokenizerHash { get; init; }

    public required int VocabSize { get; init; }
    public required long NumTokens { get; init; }
    public required long NumDocuments { get; init; }

    /// <summary>Bytes of the documents as UTF-8, without special tokens; the base of bits per byte.</summary>
    public required long TextBytes { get; init; }

    /// <summary>Largest token id; -1 when there are no tokens.</summary>
    public required int MaxTokenId { get; init; }

    /// <summary>Index in the .bin of the first token with the largest id.</summary>
    public required long MaxTokenPosition { get; init; }

    public required bool HasBos { get; init; }
    public required bool HasEos { get; init; }

    /// <summary>Names of the corpus files, relative to the inputs that they were found under.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>SHA-256 of the .bin, lower-case hexadecimal.</summary>
    public required string BinSha256 { get; init; }

    public const int CurrentVersion = 1;

    /// <summary>Reads the file; null when there is none, as with token files of other programs.</summary>
    /// <exception cref="DataFormatException">The file is damaged or of another version.</exception>
    public static TokenFileMetadata? TryLoad(string path)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var metadata = JsonSerializer.Deserialize(File.ReadAllBytes(path), TokenFileJson.Default.TokenFileMetadata)!;
            return metadata.Version == CurrentVersion
                ? metadata
                : throw new DataFormatException(
                    $"{path} has version {metadata.Version}; this program reads version {CurrentVersion}. Prepare the data " +
                    "again.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"{path} cannot be understood: {e.Message} Prepare the data again.", e);
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TokenFileJson.Default.TokenFileMetadata);
}

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(TokenFileMetadata))]
internal sealed partial class TokenFileJson : JsonSerializerContext;
