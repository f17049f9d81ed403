namespace Altiplano.Training.Checkpoints;

/// <summary>Compares a checkpoint's files with its manifest.</summary>
internal static class CheckpointVerification
{
    /// <summary>Reads every byte.</summary>
    /// <returns>All problems; none when it is sound.</returns>
    public static IReadOnlyList<string> Run(string path)
    {
        CheckpointManifest manifest;
        try
        {
            manifest = CheckpointManifest.Read(path);
        }
        catch (CheckpointException e)
        {
            return [e.Message];
        }

        var problems = manifest.Files.Select(file => FindProblem(path, file)).OfType<string>().ToList();
        var opened = new List<IWeightSource>();
        foreach (var file in manifest.Files.Where(file => File.Exists(Path.Combine(path, file.Name))))
        {
            try
            {
                opened.Add(Safetensors.OpenFile(Path.Combine(path, file.Name)));
            }
            catch (CheckpointException e)
            {
                problems.Add(e.Message);
            }
        }

        if (opened.Count == manifest.Files.Count)
            problems.AddRange(CompareTensors(path, manifest, opened));
        opened.ForEach(source => source.Dispose());
        return problems;
    }

    /// <summary>Differences between the manifest's tensors and those of the files.</summary>
    public static IEnumerable<string> CompareTensors(string path, CheckpointManifest manifest, IReadOnlyList<IWeightSource> files)
    {
        var found = files.SelectMany(f => f.Weights.Select(w => (Key: (Path.GetFileName(f.Origin), w.Name), Weight: w)))
            .ToDictionary(pair => pair.Key, pair => pair.Weight);
        foreach (var tensor in manifest.Tensors)
        {
            if (tensor.Slices.Count != 1)
            {
                yield return
                    $"{path}: {tensor.Name} lies in {tensor.Slices.Count} slices; this program reads checkpoints of one rank.";
                continue;
            }

            var file = tensor.Slices[0].File;
            var says = $"{tensor.Dtype} {WeightInfo.FormatShape(tensor.Shape)}";
            if (!found.Remove((file, tensor.Name), out var weight))
                yield return $"{path}: {file} has no {tensor.Name}, the manifest says {says}.";
            else if (weight.Type != tensor.Dtype || !weight.Shape.SequenceEqual(tensor.Shape))
                yield return $"{path}: {file} has {weight.Type} {weight.ShapeText} of {tensor.Name}, the manifest says {says}.";
        }

        foreach (var (file, name) in found.Keys)
            yield return $"{path}: {file} has {name}, of which the manifest says nothing.";
    }

    private static string? FindProblem(string folder, FileRecord file)
    {
        if (CheckpointEntry.FindSizeProblem(folder, file) is { } problem)
            return problem;
        try
        {
            var checksum = OutputFile.Checksum(Path.Combine(folder, file.Name));
            return checksum == file.Checksum
                ? null
                : $"{folder}: {file.Name} has checksum {checksum}, the manifest says {file.Checksum}. " +
                    "Its bytes have changed since it was written.";
        }
        catch (IOException e)
        {
            return $"{folder}: {file.Name} cannot be read: {e.Message}";
        }
    }
}
