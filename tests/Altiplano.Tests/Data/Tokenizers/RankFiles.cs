namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>The published rank files, from the test assets, and what the specification says of them.</summary>
internal static class RankFiles
{
    public const string Llama3Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public const string Llama4Pattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
        + @"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <param name="name">llama3 or llama4</param>
    public static string Path(string name) => TestAssets.Require($"tokenizers/{name}.tiktoken");

    public static string Pattern(string name) => name == "llama3" ? Llama3Pattern : Llama4Pattern;

    public static ReferenceTokenizer Reference(string name) =>
        new(Pattern(name), [.. File.ReadLines(Path(name)).Select(line => Convert.FromBase64String(line.Split(' ')[0]))], ignoreMerges: true);
}
