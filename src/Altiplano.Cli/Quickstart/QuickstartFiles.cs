namespace Altiplano.Cli.Quickstart;

/// <summary>Where the quick start keeps its data; the run folder is the root itself.</summary>
internal sealed record QuickstartFiles(string Root)
{
    public string Data => Path.Combine(Root, "data");
    public string Tokenizer => Path.Combine(Data, "tokenizer.json");

    /// <summary>Text of a part: train, val, val_members.</summary>
    public string Text(string part) => Path.Combine(Data, $"{part}.jsonl");

    /// <summary>Token file of a part.</summary>
    public string Tokens(string part) => Path.Combine(Data, $"{part}.bin");
}
