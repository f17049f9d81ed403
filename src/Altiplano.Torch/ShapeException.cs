namespace Altiplano.Torch;

/// <summary>An operator was given a tensor of another shape, element type or device than it works on.</summary>
public sealed class ShapeException(string message) : Exception(message);
