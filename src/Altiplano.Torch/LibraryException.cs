namespace Altiplano.Torch;

/// <summary>A native library is missing, is too old, or reported a failure.</summary>
public sealed class LibraryException(string message) : Exception(message);
