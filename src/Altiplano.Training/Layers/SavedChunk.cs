using Altiplano.Torch;

namespace Altiplano.Training.Layers;

/// <summary>What a chunk keeps of a microbatch between its forward and its backward pass.</summary>
/// <param name="Batch">Stays the caller's.</param>
/// <param name="Output_RD">What the head reads, on the last chunk; null elsewhere.</param>
public sealed record SavedChunk(PackedBatch Batch, Stack<SavedLayer> Layers, Tensor? Output_RD);

/// <summary>What a backward pass gives.</summary>
/// <param name="DX_RD">Gradient of the chunk's input; null on the first chunk. The caller disposes it.</param>
/// <param name="Losses_R">Loss of each row, [R] of f64; null but on the last chunk. The caller disposes it.</param>
public readonly record struct ChunkGradients(Tensor? DX_RD, Tensor? Losses_R);

/// <summary>The weight half of a chunk's backward pass, ready to run at any time; owns all it needs but the batch.</summary>
/// <param name="Layers">From the last layer to the first.</param>
/// <param name="DEmbedded_RD">Gradient of the embedding's output, on the first chunk; null elsewhere.</param>
public sealed record ChunkWeightWork(PackedBatch Batch, Queue<LayerWeightWork> Layers, Tensor? DEmbedded_RD);
