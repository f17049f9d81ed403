namespace Altiplano.Data.Corpora;

/// <summary>Turns the paths that a user gives into the files of a corpus.</summary>
internal static class CorpusFileSearch
{
    /// <returns>
    /// The inputs in their order; the files of a folder, with its subfolders, in ordinal order of their relative paths.
    /// </returns>
    /// <exception cref="DataFormatException">
    /// A path does not exist, a folder holds no known file, or a file is of an unknown kind or empty.
    /// </exception>
    public static IReadOnlyList<CorpusFile> Find(IReadOnlyList<string> inputs)
    {
        if (inputs.Count == 0)
            throw new DataFormatException("No input: give at least one file or folder with text.");
        return [.. inputs.SelectMany(input => Directory.Exists(input) ? FindInFolder(input) : [OfFile(input)])];
    }

    private static List<CorpusFile> FindInFolder(string folder)
    {
        var paths = new List<string>();
        try
        {
            Collect(folder, paths);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"{folder} cannot be read: {e.Message}", e);
        }

        if (paths.Count == 0)
        {
            throw new DataFormatException(
                $"{folder} holds no file of a known kind. Known are {CorpusFile.KnownExtensions}; hidden files and folders " +
                "are left out.");
        }

        return [.. paths
            .Select(path => (path, name: Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')))
            .OrderBy(file => file.name, StringComparer.Ordinal)
            .Select(file => Describe(file.path, file.name))];
    }

    /// <summary>Links to folders are not followed: they may lead round in a circle.</summary>
    private static void Collect(string folder, List<string> paths)
    {
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
        {
            if (entry.Name.StartsWith('.'))
                continue;
            if (entry is DirectoryInfo child && child.LinkTarget is null)
                Collect(child.FullName, paths);
            else if (entry is FileInfo && CorpusFile.FormatOf(entry.Name) is not null)
                paths.Add(entry.FullName);
        }
    }

    private static CorpusFile OfFile(string path)
    {
        if (!File.Exists(path))
            throw new DataFormatException($"{path} does not exist.");
        if (CorpusFile.FormatOf(path) is null)
        {
            throw new DataFormatException(
                $"{path} is of no known kind. Known are {CorpusFile.KnownExtensions}. Rename the file, for example to " +
                $"{path}.txt when it is plain text.");
        }

        return Describe(path, Path.GetFileName(path));
    }

    private static CorpusFile Describe(string path, string name)
    {
        var numBytes = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is FileInfo target
            ? target.Length
            : new FileInfo(path).Length;
        if (numBytes == 0)
            throw new DataFormatException($"{path} is empty (0 bytes). Remove it from the input, or fetch it again.");
        return new CorpusFile(path, name, CorpusFile.FormatOf(path)!.Value, numBytes);
    }
}
