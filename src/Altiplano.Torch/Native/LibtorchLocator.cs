namespace Altiplano.Torch.Native;

/// <summary>A place where libtorch was looked for, and what was wrong with it; null when it will do.</summary>
public sealed record LibtorchCandidate(string Source, string Folder, string? Problem);

/// <summary>Looks for the folder of <c>libtorch_cpu.so</c>.</summary>
/// <remarks>
/// Order: ALTIPLANO_LIBTORCH, beside the program, the NuGet cache, an installed PyTorch. The first that will do is taken.
/// </remarks>
public static class LibtorchLocator
{
    public const string Variable = "ALTIPLANO_LIBTORCH";
    public const string FileName = "libtorch_cpu.so";
    public static readonly Version OldestVersion = new(2, 10);

    /// <summary>Every place in order, until one that will do; that one is last.</summary>
    public static IReadOnlyList<LibtorchCandidate> Search()
    {
        var tried = new List<LibtorchCandidate>();
        foreach (var (source, folder) in Places())
        {
            tried.Add(new LibtorchCandidate(source, folder, FindProblem(folder)));
            // A folder that the user named is not silently passed over for another.
            if (tried[^1].Problem is null || source == Variable)
                break;
        }

        return tried;
    }

    /// <summary>The folder to load from.</summary>
    /// <exception cref="LibraryException">There is none; the message lists where it was looked for.</exception>
    public static string Find()
    {
        var tried = Search();
        if (tried is [.., { Problem: null } found])
            return found.Folder;
        var places = string.Join(Environment.NewLine, tried.Select(c => $"  {c.Source}: {c.Folder}: {c.Problem}"));
        throw new LibraryException(
            $"No libtorch {OldestVersion} or later was found. Looked in:{Environment.NewLine}{places}{Environment.NewLine}" +
            $"Set {Variable} to the folder that holds {FileName}, or run 'dotnet restore' in the source tree, which fetches it.");
    }

    private static IEnumerable<(string Source, string Folder)> Places()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            var lib = Path.Combine(named, "lib");
            yield return (Variable, File.Exists(Path.Combine(lib, FileName)) ? lib : named);
        }

        yield return ("beside the program", AppContext.BaseDirectory);
        yield return ("beside the program", Path.Combine(AppContext.BaseDirectory, "libtorch"));
        foreach (var folder in NuGetFolders())
            yield return ("NuGet cache", folder);
        foreach (var folder in PythonFolders())
            yield return ("installed PyTorch", folder);
    }

    private static IEnumerable<string> NuGetFolders()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } named
            ? named
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var package = Path.Combine(cache, "libtorch-cpu-linux-x64");
        var versions = SubFolders(package).OrderByDescending(f => Version.TryParse(Path.GetFileName(f), out var v) ? v : new Version());
        return versions.Select(v => Path.Combine(v, "runtimes", "linux-x64", "native")).DefaultIfEmpty(package);
    }

    private static IEnumerable<string> PythonFolders()
    {
        string?[] prefixes =
        [
            Environment.GetEnvironmentVariable("VIRTUAL_ENV"), Environment.GetEnvironmentVariable("CONDA_PREFIX"),
            Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local"), "/opt/conda", "/usr/local", "/usr",
        ];
        return
            from prefix in prefixes
            where !string.IsNullOrEmpty(prefix)
            from python in SubFolders(Path.Combine(prefix, "lib"))
            where Path.GetFileName(python).StartsWith("python3", StringComparison.Ordinal)
            from packages in new[] { "site-packages", "dist-packages" }
            let folder = Path.Combine(python, packages, "torch", "lib")
            where Directory.Exists(folder)
            select folder;
    }

    private static string? FindProblem(string folder)
    {
        if (!Directory.Exists(folder))
            return "no such folder";
        if (!File.Exists(Path.Combine(folder, FileName)))
            return $"has no {FileName}";
        return PythonVersion(folder) is { } version && version < OldestVersion
            ? $"is PyTorch {version}, older than {OldestVersion}"
            : null;
    }

    /// <summary>The version that a Python package states in <c>torch/version.py</c>, null elsewhere.</summary>
    private static Version? PythonVersion(string folder)
    {
        var file = Path.Combine(folder, "..", "version.py");
        if (!File.Exists(file))
            return null;
        var line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith("__version__", StringComparison.Ordinal));
        var text = line?.Split('=')[^1].Trim(' ', '\'', '"').Split('+')[0];
        return Version.TryParse(text, out var version) ? version : null;
    }

    private static string[] SubFolders(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetDirectories(folder).Order(StringComparer.Ordinal)] : [];
}
