namespace Altiplano.Data.Corpora;

/// <summary>
/// The API reference that comes with the .NET SDK, as English text to train a first model on: summaries, return values and
/// remarks.
/// </summary>
/// <param name="Train">One document an assembly: its types with their members, a paragraph a line.</param>
/// <param name="Val">The types of whole assemblies that training never sees.</param>
/// <param name="ValMembers">Single members that training never sees, of types that it does; one document an assembly.</param>
public sealed record ApiReference(
    IReadOnlyList<Document> Train, IReadOnlyList<Document> Val, IReadOnlyList<Document> ValMembers)
{
    /// <summary>Share of the text in <see cref="Val"/>, and of the members in <see cref="ValMembers"/>.</summary>
    public const double HeldOutShare = 0.03;

    /// <summary>Reads the reference of the newest packs of this machine's SDK.</summary>
    /// <exception cref="DataFormatException">No SDK with reference packs was found, or one of its files is not XML.</exception>
    public static ApiReference Extract() => Extract(DotnetRoot.Candidates());

    /// <param name="roots">Folders of .NET SDKs; the first that has documentation files is read.</param>
    /// <inheritdoc cref="Extract()"/>
    public static ApiReference Extract(IReadOnlyList<string> roots)
    {
        var files = roots.Select(FindXmlFiles).FirstOrDefault(found => found.Count > 0) ?? throw NotFound(roots);
        var assemblies = Task.WhenAll(files.Select(file => Task.Run(() => XmlDocAssembly.Read(file)))).GetAwaiter().GetResult();
        return ApiReferenceSplit.Of(assemblies);
    }

    /// <summary>
    /// The documentation files under packs/*/*/ref/*/, one a file name (the newest version), in order of their names.
    /// </summary>
    private static List<string> FindXmlFiles(string root)
    {
        var packs = Path.Combine(root, "packs");
        if (!Directory.Exists(packs))
            return [];
        return [.. Directory.EnumerateFiles(packs, "*.xml", SearchOption.AllDirectories)
            .Where(path => IsReference(Path.GetRelativePath(packs, path)))
            .GroupBy(path => Path.GetFileName(path), StringComparer.Ordinal)
            .Select(group => group.OrderBy(path => PackVersion(packs, path)).ThenBy(path => path, StringComparer.Ordinal).Last())
            .OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal)];
    }

    /// <summary>PACK/VERSION/ref/FRAMEWORK/ASSEMBLY.xml</summary>
    private static bool IsReference(string relative) =>
        relative.Split(Path.DirectorySeparatorChar) is [_, _, "ref", _, _];

    private static Version PackVersion(string packs, string path)
    {
        var version = Path.GetRelativePath(packs, path).Split(Path.DirectorySeparatorChar)[1];
        return Version.TryParse(version.Split('-')[0], out var parsed) ? parsed : new Version(0, 0);
    }

    private static DataFormatException NotFound(IReadOnlyList<string> roots) => new(
        $"No API reference: there is no packs/*/*/ref/*/*.xml under {string.Join(", ", roots)}. " +
        "The quick start trains on the text that the .NET SDK brings. Set DOTNET_ROOT to an SDK that has its reference packs, " +
        "or give your own text with --data PATH.");
}
