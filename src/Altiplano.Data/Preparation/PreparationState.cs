using System.Text.Json;
using System.Text.Json.Serialization;
using Altiplano.Data.Corpora;
using Altiplano.Data.TokenFiles;

namespace Altiplano.Data.Preparation;

/// <summary>The point from which an interrupted preparation goes on; lies beside the output as NAME.progress.json.</summary>
/// <param name="Job">Fingerprint of inputs, options and tokenizer: another job starts over.</param>
/// <param name="Next">The place in the corpus behind all that is written.</param>
/// <param name="IsComplete">Everything is written; only the renaming is left.</param>
internal sealed record PreparationState(
    string Job, CorpusPosition Next, TokenFileState Train, TokenFileState Validation, bool IsComplete)
{
    /// <summary>The saved state of the same job; null when there is none that can be used.</summary>
    public static PreparationState? TryLoad(string path, string job)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            var state = JsonSerializer.Deserialize(File.ReadAllBytes(path), PreparationJson.Default.PreparationState);
            return state?.Job == job ? state : null;
        }
        catch (JsonException)
        {
            return null; // starting over is always right
        }
    }

    /// <summary>Replaces the file in one step.</summary>
    public void Save(string path)
    {
        var aside = path + ".partial";
        using (var stream = File.Create(aside))
        {
            JsonSerializer.Serialize(stream, this, PreparationJson.Default.PreparationState);
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PreparationState))]
internal sealed partial class PreparationJson : JsonSerializerContext;
