namespace Altiplano.Data.Tokenizers;

/// <summary>A rank file that Meta published: how it is recognised, and what it does not say itself.</summary>
/// <param name="Count">Tokens of the base vocabulary.</param>
/// <param name="Sha256">Of the file.</param>
/// <param name="Specials">Names, without &lt;| and |&gt;, of the tokens behind the base vocabulary.</param>
internal sealed record PublishedRanks(
    string Name, int Count, string Sha256, PieceScanner Scanner, IReadOnlyList<string> Specials)
{
    public static IReadOnlyList<PublishedRanks> All { get; } =
    [
        new("Llama 3", 128_000, "82e9d31979e92ab929cd544440f129d9ecd797b69e327f80f17e1c50d5551b55",
            new Llama3Scanner(), Llama3Specials()),
        new("Llama 4", 200_000, "d0bdbaf59b0762c8c807617e2d8ea51420eb1b1de266df2495be755c8e0ed6ed",
            new Llama4Scanner(), Llama4Specials()),
    ];

    public static string Names => string.Join(" or ", All.Select(ranks => $"{ranks.Name} ({ranks.Count:N0})"));

    /// <summary>The vocabulary starts with these ranks.</summary>
    public bool IsPrefixOf(IReadOnlyList<byte[]> tokens) =>
        tokens.Count >= Count && RankFile.HashOf(tokens.Take(Count)) == Sha256;

    // Names as of Llama 3.1; the ids of those that generation uses never changed.
    private static List<string> Llama3Specials() =>
    [
        "begin_of_text", "end_of_text", .. Numbered("reserved_special_token", 0, 1), "finetune_right_pad_id", "step_id",
        "start_header_id", "end_header_id", "eom_id", "eot_id", "python_tag", "image", .. Numbered("reserved_special_token", 2, 245),
    ];

    private static List<string> Llama4Specials() =>
    [
        "begin_of_text", "end_of_text", "fim_prefix", "fim_middle", "fim_suffix", "header_start", "header_end", "eom", "eot", "step",
        .. Numbered("text_post_train_reserved_special_token", 0, 5), "python_start", "python_end", "finetune_right_pad",
        .. Numbered("text_post_train_reserved_special_token", 8, 68), "image_start", "image_end",
        .. Numbered("vision_reserved_special_token", 0, 1), "tile_x_separator", "tile_y_separator",
        .. Numbered("vision_reserved_special_token", 2, 5), "image", "vision_reserved_special_token_6", "patch",
        .. Numbered("vision_reserved_special_token", 7, 1047), .. Numbered("reasoning_reserved_special_token", 0, 7),
        "reasoning_thinking_start", "reasoning_thinking_end", .. Numbered("reserved_special_token", 0, 903),
    ];

    private static IEnumerable<string> Numbered(string name, int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(number => $"{name}_{number}");
}
