namespace Altiplano.Training.Checkpoints;

/// <summary>A file of weights or training state cannot be read, written or trusted.</summary>
/// <remarks>
/// The message names the file, what was expected, what was found (in bytes where it is a size), and the remedy if there is one.
/// </remarks>
public sealed class CheckpointException(string message, Exception? cause = null) : Exception(message, cause);
