namespace Altiplano.Training.Checkpoints;

/// <summary>Named tensors in one or several files; owns the files.</summary>
internal sealed class StoredWeights : IWeightSource
{
    private readonly Dictionary<string, StoredTensor> _tensors;
    private readonly IReadOnlyList<SourceFile> _files;

    public StoredWeights(string origin, IReadOnlyList<StoredTensor> tensors, IReadOnlyList<SourceFile> files)
    {
        Origin = origin;
        Weights = [.. tensors.Select(t => t.Info)];
        _tensors = tensors.ToDictionary(t => t.Info.Name);
        _files = files;
    }

    public string Origin { get; }

    public IReadOnlyList<WeightInfo> Weights { get; }

    public void Read(string name, long firstElement, Span<float> destination) => this[name].Read(firstElement, destination);

    public void Read(string name, long firstElement, Span<double> destination) => this[name].Read(firstElement, destination);

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    private StoredTensor this[string name] => _tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new CheckpointException($"{Origin}: has no tensor {name}; it has {_tensors.Count} others.");
}
