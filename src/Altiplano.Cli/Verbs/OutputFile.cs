namespace Altiplano.Cli.Verbs;

/// <summary>Files that a verb writes when its work is done.</summary>
internal static class OutputFile
{
    /// <summary>Finds out before the work whether a file can be written after it.</summary>
    /// <exception cref="ConfigException">It cannot.</exception>
    public static void Check(string option, string? path)
    {
        if (path is null)
            return;
        if (Directory.Exists(path))
            throw new ConfigException($"{option} is {path}, which is a folder. Name a file in it.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (!Directory.Exists(folder))
            throw new ConfigException($"{option} is {path}, but there is no folder {folder}. Make it, or name another.");
        try
        {
            var isNew = !File.Exists(path);
            using (new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write))
            {
            }

            if (isNew)
                File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"{option} is {path}, which cannot be written: {failure.Message} Name another file.");
        }
    }
}
