using System.Text.Json;

namespace Altiplano.Training.Checkpoints;

/// <summary>Reads safetensors: one file, or a folder with one or with shards and their index.</summary>
public static class Safetensors
{
    public const string SingleFile = "model.safetensors";
    public const string IndexFile = "model.safetensors.index.json";

    /// <exception cref="CheckpointException">
    /// The file breaks a rule of the format; the message names it, the tensor and the bytes.
    /// </exception>
    public static IWeightSource OpenFile(string path)
    {
        var file = SourceFile.Open(path);
        try
        {
            return new StoredWeights(path, SafetensorsHeader.Read(file), [file]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Opens <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.</summary>
    /// <exception cref="CheckpointException">Neither is there, or a file or the index does not hold what it says.</exception>
    public static IWeightSource OpenFolder(string folder)
    {
        var single = Path.Combine(folder, SingleFile);
        if (File.Exists(single))
            return OpenFile(single);
        var index = Path.Combine(folder, IndexFile);
        if (!File.Exists(index))
            throw new CheckpointException($"{folder}: has neither {SingleFile} nor {IndexFile}.");
        return OpenShards(folder, index, ReadIndex(index));
    }

    private static StoredWeights OpenShards(string folder, string indexPath, Dictionary<string, string> fileOf)
    {
        var files = new List<SourceFile>();
        var tensors = new List<StoredTensor>();
        try
        {
            foreach (var name in fileOf.Values.Distinct().Order(StringComparer.Ordinal))
            {
                files.Add(SourceFile.Open(Path.Combine(folder, name)));
                tensors.AddRange(SafetensorsHeader.Read(files[^1]));
            }

            CheckIndex(indexPath, fileOf, tensors);
            return new StoredWeights(folder, tensors, files);
        }
        catch
        {
            files.ForEach(file => file.Dispose());
            throw;
        }
    }

    private static Dictionary<string, string> ReadIndex(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var map = document.RootElement.GetProperty("weight_map").EnumerateObject();
            var fileOf = map.ToDictionary(entry => entry.Name, entry => entry.Value.GetString() ?? "");
            if (fileOf.FirstOrDefault(pair => pair.Value != Path.GetFileName(pair.Value)) is { Key: { } outside })
                throw new CheckpointException($"{path}: places {outside} in '{fileOf[outside]}', which is no plain file name.");
            return fileOf;
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or IOException)
        {
            throw new CheckpointException($"{path}: is no index with a weight_map from tensor to file: {e.Message}", e);
        }
    }

    private static void CheckIndex(string path, Dictionary<string, string> fileOf, List<StoredTensor> tensors)
    {
        var problems = new List<string>();
        var found = new Dictionary<string, string>();
        foreach (var tensor in tensors)
        {
            var file = Path.GetFileName(tensor.File.Path);
            if (!found.TryAdd(tensor.Info.Name, file))
                problems.Add($"{tensor.Info.Name} is in {found[tensor.Info.Name]} and again in {file}");
            var indexed = fileOf.GetValueOrDefault(tensor.Info.Name);
            if (indexed != file)
                problems.Add($"{tensor.Info.Name} is in {file}, the index says {indexed ?? "nothing of it"}");
        }

        var missing = fileOf.Where(pair => !found.ContainsKey(pair.Key));
        problems.AddRange(missing.Select(pair => $"{pair.Key} is missing from {pair.Value}"));
        if (problems.Count > 0)
            throw new CheckpointException($"{path}: does not describe its files: {string.Join("; ", problems)}.");
    }
}
