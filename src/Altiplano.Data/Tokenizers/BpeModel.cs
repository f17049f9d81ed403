namespace Altiplano.Data.Tokenizers;

/// <summary>What decides the ids of ordinary text; shared by all threads.</summary>
/// <param name="ByteIds">Id of each single byte.</param>
/// <param name="IgnoreMerges">A piece that is a token as a whole becomes it, whether merges lead there or not.</param>
internal sealed record BpeModel(
    Vocabulary Vocabulary, MergeTable Merges, int[] ByteIds, PieceScanner Scanner, bool IgnoreMerges);
