namespace Altiplano.Data.TokenFiles;

/// <summary>The files that make one set of tokens, by their common prefix.</summary>
public sealed record TokenFilePaths(string Prefix)
{
    private const string BinExtension = ".bin";

    public string Bin => Prefix + BinExtension;
    public string Idx => Prefix + ".idx";
    public string Meta => Prefix + ".meta.json";

    internal string PartialBin => Bin + ".partial";
    internal string PartialIdx => Idx + ".partial";
    internal string PartialMeta => Meta + ".partial";

    /// <summary>Lengths of the documents so far, int32; becomes part of the .idx.</summary>
    internal string PartialLengths => Prefix + ".lengths.partial";

    /// <param name="path">The .bin or the prefix without extension.</param>
    public static TokenFilePaths Of(string path) =>
        new(path.EndsWith(BinExtension, StringComparison.Ordinal) ? path[..^BinExtension.Length] : path);
}
