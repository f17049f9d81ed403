namespace Altiplano.Training.Interchange;

/// <summary>A byte-level BPE tokenizer as a GGUF file carries it.</summary>
/// <param name="Pre">llama.cpp's name of the splitting rule: <c>llama-bpe</c> for Llama 3.</param>
/// <param name="Tokens">By id, in byte-to-unicode form.</param>
/// <param name="Types">By id: 1 normal, 3 control, 4 user-defined, 5 unused, 6 byte.</param>
/// <param name="Merges"><c>left right</c>, best first.</param>
/// <param name="Bos">Id of the token that begins a text, and so on; null where there is none.</param>
/// <param name="AddBos">Whether encoding puts <paramref name="Bos"/> in front.</param>
/// <param name="ChatTemplate">Jinja; null where the model does not chat.</param>
public sealed record GgufTokenizer(
    string Pre, IReadOnlyList<string> Tokens, IReadOnlyList<int> Types, IReadOnlyList<string> Merges,
    int? Bos, int? Eos, int? Eot, int? Pad, bool AddBos, string? ChatTemplate);
