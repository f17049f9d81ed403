namespace Altiplano.Training.Checkpoints;

/// <summary>Named tensors in Hugging Face's layout, read as numbers: a folder, a file, a checkpoint, or a live model.</summary>
/// <remarks>
/// Elements are row-major; q and k rows are in half-rotated order. Sources backed by files may be read by several threads at
/// once.
/// </remarks>
public interface IWeightSource : IDisposable
{
    /// <summary>Where the tensors come from, for messages: a path where there is one.</summary>
    string Origin { get; }

    IReadOnlyList<WeightInfo> Weights { get; }

    /// <summary>Reads consecutive elements as fp32, rounding F64 and expanding Q8_0.</summary>
    /// <param name="firstElement">Row-major index of the first element.</param>
    /// <exception cref="CheckpointException">No such tensor, not that many elements, or its file cannot be read.</exception>
    void Read(string name, long firstElement, Span<float> destination);

    /// <summary>Reads consecutive elements as fp64; exact for every type.</summary>
    /// <inheritdoc cref="Read(string, long, Span{float})"/>
    void Read(string name, long firstElement, Span<double> destination);

    /// <param name="destination">As long as the tensor has elements, or shorter for its beginning.</param>
    void Read(string name, Span<float> destination) => Read(name, 0, destination);

    /// <inheritdoc cref="Read(string, Span{float})"/>
    void Read(string name, Span<double> destination) => Read(name, 0, destination);
}
