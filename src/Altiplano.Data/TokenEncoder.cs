namespace Altiplano.Data;

/// <summary>What preparation needs of a tokenizer.</summary>
/// <param name="VocabSize">Number of ids; every id is below it.</param>
/// <param name="BosId">Id that begins a document; null when the tokenizer has none.</param>
/// <param name="EosId">Id that ends a document; null when the tokenizer has none.</param>
/// <param name="Hash">"sha256:..." of the tokenizer; travels with the token files.</param>
/// <param name="Encode">Appends the ids of a text, without special ids; called from several threads at once.</param>
public sealed record TokenEncoder(
    int VocabSize, int? BosId, int? EosId, string Hash, Action<ReadOnlySpan<char>, List<int>> Encode);
