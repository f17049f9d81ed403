namespace Altiplano.Data.Sampling;

/// <summary>Where a sample comes from.</summary>
/// <param name="Dataset">Index in the mixture.</param>
/// <param name="Epoch">How many times the data set was seen in full before.</param>
/// <param name="Window">Number of the window in file order.</param>
/// <param name="Start">First token of the window in the file.</param>
/// <param name="NumTargets">
/// Targets that are tokens of the file; below T only in the last window of a <see cref="SequentialWindows"/>.
/// </param>
public readonly record struct Sample(int Dataset, long Epoch, long Window, long Start, int NumTargets);
