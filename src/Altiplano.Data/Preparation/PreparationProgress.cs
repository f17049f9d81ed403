namespace Altiplano.Data.Preparation;

/// <summary>How far a preparation is.</summary>
/// <param name="BytesRead">Of the input files, as they lie on disk.</param>
public readonly record struct PreparationProgress(long BytesRead, long TotalBytes, long NumDocuments, long NumTokens);
