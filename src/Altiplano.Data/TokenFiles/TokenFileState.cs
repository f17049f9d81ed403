namespace Altiplano.Data.TokenFiles;

/// <summary>How far a <see cref="TokenFileWriter"/> is: what it needs to go on after the process was killed.</summary>
/// <param name="OpenTokens">Tokens of a document that has begun and not ended.</param>
/// <param name="MaxToken">Largest id; -1 when there is none.</param>
/// <param name="MaxPosition">Index of the first token with the largest id.</param>
internal sealed record TokenFileState(
    long NumTokens, long NumDocuments, long OpenTokens, long TextBytes, int MaxToken, long MaxPosition)
{
    public static TokenFileState Empty { get; } = new(0, 0, 0, 0, -1, 0);
}
