namespace Altiplano.Training.Checkpoints;

/// <summary>Compares a checkpoint's files with its manifest.</summary>
internal static class CheckpointVerification
{
    /// <summary>Reads every byte of every file, or of each <paramref name="ranks"/>-th from the <paramref name="rank"/>-th on.</summary>
    /// <returns>All problems; none when it is sound.</returns>
    public static IReadOnlyList<string> Run(string path, int rank = 0, int ranks = 1)
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

        var problems = FindPlacingProblems(path, manifest).ToList();
        if (problems.Count > 0)
            return problems;
        var stored = StoredIn(manifest);
        foreach (var file in manifest.Files.Where((_, i) => i % ranks == rank))
            problems.AddRange(FindProblems(path, file, stored[file.Name]));
        return problems;
    }

    /// <summary>Every tensor whose slices are not just all of it.</summary>
    public static IEnumerable<string> FindPlacingProblems(string path, CheckpointManifest manifest)
    {
        var files = manifest.Files.Select(file => file.Name).ToHashSet();
        foreach (var tensor in manifest.Tensors)
        {
            var info = tensor.ToInfo();
            var slices = tensor.Slices.Select(slice => slice.ToSlice(info)).ToList();
            var says = $"{path}: the manifest has {tensor.Name} of {info.Type} {info.ShapeText}, but";
            if (slices.Count == 0)
                yield return $"{says} no slice of it.";
            else if (slices.Contains(null))
                yield return $"{says} slice {slices.IndexOf(null)} of it lies outside.";
            else if (slices.Sum(slice => slice!.Count) is var held && held != info.NumElements)
                yield return $"{says} its {slices.Count} slices hold {held:N0} of {info.NumElements:N0} elements.";
            else if (tensor.Slices.FirstOrDefault(slice => !files.Contains(slice.File)) is { } lost)
                yield return $"{says} a slice of it is in {lost.File}, which is not among its files.";
        }
    }

    /// <summary>What the manifest says of each file.</summary>
    public static ILookup<string, WeightInfo> StoredIn(CheckpointManifest manifest) => manifest.Tensors
        .SelectMany(tensor => tensor.Slices.Select(slice => (slice.File, Stored: slice.ToSlice(tensor.ToInfo())!.Stored)))
        .ToLookup(pair => pair.File, pair => pair.Stored);

    /// <summary>Differences between what the manifest says of a file and what the file holds.</summary>
    public static IEnumerable<string> Compare(string path, string file, IEnumerable<WeightInfo> expected, IWeightSource opened)
    {
        var found = opened.Weights.ToDictionary(weight => weight.Name);
        foreach (var weight in expected)
        {
            var says = $"the manifest says {weight.Type} {weight.ShapeText}.";
            if (!found.Remove(weight.Name, out var other))
                yield return $"{path}: {file} has no {weight.Name}, {says}";
            else if (other.Type != weight.Type || !other.Shape.SequenceEqual(weight.Shape))
                yield return $"{path}: {file} has {other.Type} {other.ShapeText} of {weight.Name}, {says}";
        }

        foreach (var name in found.Keys)
            yield return $"{path}: {file} has {name}, of which the manifest says nothing.";
    }

    private static IEnumerable<string> FindProblems(string path, FileRecord file, IEnumerable<WeightInfo> expected)
    {
        if (FindProblem(path, file) is { } problem)
            return [problem];
        try
        {
            using var opened = Safetensors.OpenFile(Path.Combine(path, file.Name));
            return [.. Compare(path, file.Name, expected, opened)];
        }
        catch (CheckpointException e)
        {
            return [e.Message];
        }
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
