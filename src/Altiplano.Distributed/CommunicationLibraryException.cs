namespace Altiplano.Distributed;

/// <summary>MPI, NCCL or CUDA is missing, is too old, or reported a failure at start-up.</summary>
public sealed class CommunicationLibraryException(string message) : Exception(message);
