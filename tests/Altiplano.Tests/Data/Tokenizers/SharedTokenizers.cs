using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

/// <summary>Tokenizers that many tests read, loaded once.</summary>
internal static class SharedTokenizers
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, Tokenizer> s_loaded = [];

    public static Tokenizer Llama3 => Of("llama3");

    public static Tokenizer Llama4 => Of("llama4");

    /// <summary>Skips the calling test where the rank file is not there.</summary>
    public static Tokenizer Of(string name)
    {
        lock (s_lock)
        {
            if (!s_loaded.TryGetValue(name, out var tokenizer))
                s_loaded.Add(name, tokenizer = Tokenizer.Load(RankFiles.Path(name)));
            return tokenizer;
        }
    }

    /// <summary>A tokenizer of 400 tokens of a few made-up lines, and more special tokens than a base model has.</summary>
    public static Tokenizer Small { get; } = BpeTrainer.Train(SmallTexts(), 400, threads: 1);

    public static IReadOnlyList<string> SmallTexts()
    {
        var random = new Random(5);
        string[] roots = ["tensor", "step", "layer", "token", "gradient", "It's", "don't", "mesh", "größe", "記憶", "2048", "\n", "(x)", "=="];
        string Root() => roots[random.Next(roots.Length)];
        string Word() => Root() + random.Next(5) switch { 0 => "s", 1 => Root(), _ => "" };
        return [.. Enumerable.Range(0, 40).Select(_ => string.Join(' ', Enumerable.Range(0, 60).Select(_ => Word())))];
    }
}
