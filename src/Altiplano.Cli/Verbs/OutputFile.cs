using System.CommandLine;
using Altiplano.Cli.Plans;

namespace Altiplano.Cli.Verbs;

/// <summary>Files that a verb writes when its work is done.</summary>
internal static class OutputFile
{
    /// <summary>Finds out before the work whether the files that options name can be written after it.</summary>
    /// <exception cref="ConfigException">Lists those that cannot.</exception>
    public static void Check(ParseResult arguments, params IEnumerable<Option<string?>> options)
    {
        var problems = new ProblemCollector();
        foreach (var option in options)
            problems.Try(() => Check(option.Name, arguments.GetValue(option)));
        problems.ThrowIfAny();
    }

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
        if (FindFault(path) is { } fault)
            throw new ConfigException($"{option} is {path}, which cannot be written: {fault} Name another file.");
    }

    /// <summary>Why a file cannot be written, in the system's words; null where it can. Leaves no file behind.</summary>
    private static string? FindFault(string path)
    {
        try
        {
            var isNew = !File.Exists(path);
            File.Open(path, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew)
                File.Delete(path);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return fault.Message;
        }
    }
}
