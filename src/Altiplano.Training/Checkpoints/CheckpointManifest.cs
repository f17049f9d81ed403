using System.Text.Json;
using System.Text.Json.Serialization;

namespace Altiplano.Training.Checkpoints;

/// <summary>What a checkpoint is: its place in the run, and where every tensor lies; <c>manifest.json</c>.</summary>
public sealed record CheckpointManifest
{
    public const string FileName = "manifest.json";
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>Optimizer steps done.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens trained on so far.</summary>
    public required long TokensSeen { get; init; }

    /// <summary>Threads of the run; part of the layout, since sums depend on them to the bit.</summary>
    public required int Threads { get; init; }

    /// <summary>Ranks that wrote it.</summary>
    public required int Ranks { get; init; }

    /// <summary>The model, as Hugging Face's <c>config.json</c>.</summary>
    public required JsonElement Architecture { get; init; }

    /// <summary>The run's resolved config, as its author wrote it.</summary>
    public required string Config { get; init; }

    /// <summary>The loader's position and the counters of random number generators.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    public required IReadOnlyList<TensorRecord> Tensors { get; init; }

    public required IReadOnlyList<FileRecord> Files { get; init; }

    /// <exception cref="CheckpointException">It is missing, no manifest, or of another version.</exception>
    internal static CheckpointManifest Read(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var bytes = File.ReadAllBytes(path);
            CheckVersion(path, bytes);
            return JsonSerializer.Deserialize(bytes, CheckpointJson.Default.CheckpointManifest)
                ?? throw new CheckpointException($"{path}: is null, not a manifest.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{path}: is no manifest of version {CurrentVersion}: {e.Message}", e);
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CheckpointJson.Default.CheckpointManifest);

    private static void CheckVersion(string path, byte[] bytes)
    {
        using var document = JsonDocument.Parse(bytes);
        var root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("version", out var version) &&
            version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) && number != CurrentVersion)
        {
            throw new CheckpointException(
                $"{path}: is version {number}; this program reads version {CurrentVersion}. Use the program that wrote it.");
        }
    }
}

/// <summary>One tensor: its global shape, and the slices that hold it.</summary>
/// <param name="Dtype">Name of the <see cref="WeightType"/>.</param>
public sealed record TensorRecord(
    string Name, [property: JsonConverter(typeof(JsonStringEnumConverter<WeightType>))] WeightType Dtype,
    IReadOnlyList<long> Shape, IReadOnlyList<SliceRecord> Slices)
{
    internal WeightInfo ToInfo() => new(Name, Dtype, [.. Shape]);
}

/// <summary>A part of a tensor in one file: a box of it, then a row-major range of that box.</summary>
/// <param name="Box">Begin and end per dim, in elements.</param>
/// <param name="Range">Begin and end inside the box, in elements.</param>
public sealed record SliceRecord(string File, IReadOnlyList<IReadOnlyList<long>> Box, IReadOnlyList<long> Range)
{
    /// <summary>The dims that the box is cut from where they are not the tensor's: see <see cref="TensorSlice.Dims"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<long>? Dims { get; init; }

    internal static SliceRecord Of(string file, TensorSlice slice) => new(
        file, [.. slice.Start.Select((start, dim) => (IReadOnlyList<long>)[start, start + slice.Shape[dim]])],
        [slice.First, slice.First + slice.Count])
    {
        Dims = slice.Dims.SequenceEqual(slice.Whole.Shape) ? null : slice.Dims,
    };

    /// <summary>The slice of a tensor; null where there can be no such slice.</summary>
    internal TensorSlice? ToSlice(WeightInfo tensor)
    {
        IReadOnlyList<long> dims = Dims ?? tensor.Shape;
        if (Range is not [var first, var end] || Box.Count != dims.Count || Box.Any(dim => dim.Count != 2) || Product(dims) != tensor.NumElements)
            return null;
        var slice = new TensorSlice(tensor, [.. Box.Select(dim => dim[0])], [.. Box.Select(dim => dim[1] - dim[0])], first, end - first)
        {
            Dims = [.. dims],
        };
        var isInside = Box.Select((dim, i) => dim[0] >= 0 && dim[0] <= dim[1] && dim[1] <= dims[i]).All(inside => inside);
        return isInside && first >= 0 && first <= end && end <= Product(slice.Shape) ? slice : null;
    }

    private static long Product(IEnumerable<long> sizes) => sizes.Aggregate(1L, (product, size) => product * size);
}

/// <summary>What one rank has written of a checkpoint, for the rank that puts the manifest together.</summary>
internal sealed record CheckpointPart(IReadOnlyList<TensorRecord> Tensors, IReadOnlyList<FileRecord> Files);

/// <summary>A file of a checkpoint.</summary>
/// <param name="Checksum">XxHash128 of all its bytes, in hexadecimal.</param>
public sealed record FileRecord(string Name, long Bytes, string Checksum);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CheckpointManifest))]
[JsonSerializable(typeof(CheckpointPart))]
internal sealed partial class CheckpointJson : JsonSerializerContext;
