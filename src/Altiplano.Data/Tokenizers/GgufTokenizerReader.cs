namespace Altiplano.Data.Tokenizers;

/// <summary>Makes a tokenizer of what a GGUF file says of one.</summary>
internal static class GgufTokenizerReader
{
    /// <param name="source">The file, for messages.</param>
    /// <exception cref="DataFormatException">
    /// The splitting rule is not known, or a token or merge is not byte-level BPE.
    /// </exception>
    public static Tokenizer Read(GgufTokenizer gguf, string source)
    {
        var added = AddedTokens(gguf);
        var addedIds = added.Select(token => token.Id).ToHashSet();
        byte[][] tokens = [.. gguf.Tokens.Select((text, id) => addedIds.Contains(id) ? [] : BytesOf(text, id, source))];
        return new Tokenizer(new TokenizerParts(
            tokens, Merges(gguf, source), ScannerOf(gguf.Pre, source), gguf.Pre == "llama-bpe", added,
            gguf.BosId, gguf.EosId, source));
    }

    private static List<AddedToken> AddedTokens(GgufTokenizer gguf) =>
    [
        .. gguf.Tokens.Select((text, id) => (text, id, type: gguf.TokenTypes[id]))
            .Where(token => token.type is GgufTokenizer.Control or GgufTokenizer.UserDefined)
            .Select(token => new AddedToken(token.id, token.text, token.type == GgufTokenizer.Control)),
    ];

    private static byte[] BytesOf(string text, int id, string source) => ByteUnicode.Decode(text)
        ?? throw new DataFormatException($"{source}: token {id}, \"{text}\", is not in GPT-2's byte characters.");

    private static List<Merge> Merges(GgufTokenizer gguf, string source)
    {
        var ids = new Dictionary<string, int>();
        for (var id = 0; id < gguf.Tokens.Count; id++)
            ids.TryAdd(gguf.Tokens[id], id);
        return gguf.Merges.Select(Parse).ToList();

        Merge Parse(string text, int index) =>
            text.Split(' ') is [var left, var right] && ids.TryGetValue(left, out var l) && ids.TryGetValue(right, out var r)
            && ids.TryGetValue(left + right, out var result)
                ? new Merge(l, r, result)
                : throw new DataFormatException($"{source}: merge {index}, \"{text}\", does not make a token of two tokens.");
    }

    private static PieceScanner ScannerOf(string pre, string source) => pre switch
    {
        "llama-bpe" or "smaug-bpe" => new Llama3Scanner(),
        "llama4" or "gpt-4o" => new Llama4Scanner(),
        "gpt-2" => new Gpt2Scanner(),
        _ => throw new DataFormatException(
            $"{source}: tokenizer.ggml.pre is {pre}; supported are llama-bpe, smaug-bpe, llama4, gpt-4o and gpt-2."),
    };
}
