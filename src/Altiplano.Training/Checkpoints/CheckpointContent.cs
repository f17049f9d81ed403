using System.Text.Json;

namespace Altiplano.Training.Checkpoints;

/// <summary>Copies bytes of the slice of a named tensor, row-major in its <see cref="WeightInfo.Type"/>.</summary>
/// <param name="firstByte">Offset inside the slice, in bytes.</param>
/// <param name="destination">Never longer than what is left of the slice.</param>
public delegate void TensorFill(string name, long firstByte, Span<byte> destination);

/// <summary>What one rank gives to a checkpoint, at the moment of saving.</summary>
public sealed record CheckpointContent
{
    /// <summary>Optimizer steps done; names the checkpoint.</summary>
    public required long Step { get; init; }

    public required long TokensSeen { get; init; }

    public required int Threads { get; init; }

    /// <summary>The model, as Hugging Face's <c>config.json</c>: <c>HuggingFaceConfig.ToJson</c>.</summary>
    public required JsonElement Architecture { get; init; }

    /// <summary>The run's resolved config; kept as it is.</summary>
    public required string Config { get; init; }

    /// <summary>The loader's position and the counters of random number generators, by name.</summary>
    public required IReadOnlyDictionary<string, long> Counters { get; init; }

    /// <summary>Parameters by Hugging Face name; of each at most one slice. Every element is one rank's.</summary>
    public required IReadOnlyList<TensorSlice> Weights { get; init; }

    /// <summary>
    /// Optimizer state: <c>exp_avg.NAME</c>, <c>exp_avg_sq.NAME</c>, and <c>master.NAME</c> where master weights are separate.
    /// </summary>
    public required IReadOnlyList<TensorSlice> OptimizerState { get; init; }

    /// <summary>Supplies the bytes of both; called on the thread that saves, in file order.</summary>
    public required TensorFill Fill { get; init; }
}
