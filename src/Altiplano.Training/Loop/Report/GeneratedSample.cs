using System.Text.Json;
using System.Text.Json.Serialization;

namespace Altiplano.Training.Loop.Report;

/// <summary>A text that the trained model wrote.</summary>
/// <param name="Prompt">What it was given; empty for a text from nothing.</param>
/// <param name="Text">What it wrote after that.</param>
public sealed record GeneratedSample(string Prompt, string Text)
{
    /// <summary>Writes samples.json.</summary>
    public static void Save(string path, IReadOnlyList<GeneratedSample> samples) =>
        File.WriteAllText(path, JsonSerializer.Serialize(samples, SamplesJson.Default.IReadOnlyListGeneratedSample) + "\n");

    /// <summary>Reads samples.json; none where there is no such file.</summary>
    /// <exception cref="IOException">The file cannot be read or is not a list of samples.</exception>
    public static IReadOnlyList<GeneratedSample> Load(string path)
    {
        if (!File.Exists(path))
            return [];
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), SamplesJson.Default.IReadOnlyListGeneratedSample)!;
        }
        catch (JsonException error)
        {
            throw new IOException($"{path}: the file is not a list of {{\"prompt\", \"text\"}}. {error.Message}", error);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(IReadOnlyList<GeneratedSample>))]
internal sealed partial class SamplesJson : JsonSerializerContext;
