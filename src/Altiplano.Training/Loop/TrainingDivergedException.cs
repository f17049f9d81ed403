namespace Altiplano.Training.Loop;

/// <summary>Loss or gradient norm stayed infinite or NaN; none of those steps reached the weights.</summary>
public sealed class TrainingDivergedException(string message) : Exception(message);
