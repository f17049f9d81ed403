using System.Globalization;

namespace Altiplano.Training.Checkpoints;

/// <summary>A checkpoint's folder, judged by its manifest and the sizes of its files (not by their checksums).</summary>
/// <param name="Problem">Why it is incomplete; null when it is complete.</param>
public sealed record CheckpointEntry(long Step, string Path, string? Problem)
{
    private const string Prefix = "step-";

    /// <summary>End of a folder's name while a newer save of the same step takes its place; still complete.</summary>
    internal const string ReplacedSuffix = ".replaced";

    internal static string NameOf(long step) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{step:D8}");

    /// <summary>The entry of a folder; null when its name is not that of a checkpoint.</summary>
    internal static CheckpointEntry? TryRead(string folder)
    {
        var name = System.IO.Path.GetFileName(folder);
        if (name.EndsWith(ReplacedSuffix, StringComparison.Ordinal))
            name = name[..^ReplacedSuffix.Length];
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) ||
            !long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            return null;
        }

        return new CheckpointEntry(step, folder, FindProblem(folder));
    }

    private static string? FindProblem(string folder)
    {
        if (!File.Exists(System.IO.Path.Combine(folder, CheckpointManifest.FileName)))
            return $"{folder}: has no {CheckpointManifest.FileName}, which is written last. Cut off?";
        try
        {
            return FindSizeProblem(folder, CheckpointManifest.Read(folder));
        }
        catch (CheckpointException e)
        {
            return e.Message;
        }
    }

    internal static string? FindSizeProblem(string folder, CheckpointManifest manifest) =>
        manifest.Files.Select(file => FindSizeProblem(folder, file)).FirstOrDefault(problem => problem is not null);

    /// <summary>What the size of a file says against its record; null when nothing.</summary>
    internal static string? FindSizeProblem(string folder, FileRecord file)
    {
        var info = new FileInfo(System.IO.Path.Combine(folder, file.Name));
        if (!info.Exists)
            return $"{folder}: {file.Name} is missing, the manifest says {file.Bytes:N0} bytes.";
        return info.Length == file.Bytes
            ? null
            : $"{folder}: {file.Name} has {info.Length:N0} bytes, the manifest says {file.Bytes:N0}. Truncated?";
    }
}

/// <summary>The checkpoint to resume from.</summary>
/// <param name="Warning">
/// What is worth telling about the choice: newer ones that are incomplete, a stale <c>latest</c>; else null.
/// </param>
public sealed record LatestCheckpoint(long Step, string Path, string? Warning);
