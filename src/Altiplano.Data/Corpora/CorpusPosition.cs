namespace Altiplano.Data.Corpora;

/// <summary>A place between two parts of a corpus; <c>default</c> is its start.</summary>
/// <param name="File">Index of the file in <see cref="Corpus.Files"/>.</param>
/// <param name="Part">Number of parts of that file before the place.</param>
public readonly record struct CorpusPosition(int File, long Part);
