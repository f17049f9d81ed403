namespace Altiplano.Data.Corpora;

/// <summary>Where the .NET SDK of this machine lies.</summary>
public static class DotnetRoot
{
    /// <summary>
    /// The folders that may hold an SDK, best guess first: DOTNET_ROOT, the running runtime's, PATH's, the usual ones.
    /// </summary>
    public static IReadOnlyList<string> Candidates()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string?[] folders =
        [
            Environment.GetEnvironmentVariable("DOTNET_ROOT"),
            OfExecutable(Environment.ProcessPath),
            OfExecutable(FindOnPath()),
            "/usr/share/dotnet",
            "/usr/lib/dotnet",
            "/usr/lib64/dotnet",
            "/usr/local/share/dotnet",
            Path.Combine(home, ".dotnet"),
        ];
        return [.. folders.Where(folder => !string.IsNullOrEmpty(folder)).Select(folder => folder!).Distinct()];
    }

    private static string? FindOnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, "dotnet"))
            .FirstOrDefault(File.Exists);

    private static string? OfExecutable(string? path)
    {
        if (path is null || Path.GetFileNameWithoutExtension(path) != "dotnet")
            return null;
        var target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        return Path.GetDirectoryName(target);
    }
}
