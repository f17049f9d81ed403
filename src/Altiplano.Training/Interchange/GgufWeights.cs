using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>The tensors of a GGUF Llama under Hugging Face's names and in Hugging Face's order of rows; owns the file.</summary>
internal sealed class GgufWeights : IWeightSource
{
    private readonly GgufFile _file;
    private readonly int _headDim;
    private readonly Dictionary<string, WeightInfo> _stored;

    public GgufWeights(GgufFile file, LlamaArchitecture model)
    {
        _file = file;
        _headDim = model.HeadDim;
        _stored = Rename(file);
        Weights = [.. _stored.Select(pair => pair.Value with { Name = pair.Key })];
    }

    public string Origin => _file.Path;

    public IReadOnlyList<WeightInfo> Weights { get; }

    public void Read(string name, long firstElement, Span<float> destination)
    {
        if (Rows(name) is { } rows)
            rows.Read(firstElement, destination);
        else
            _file.Tensors.Read(StoredName(name), firstElement, destination);
    }

    public void Read(string name, long firstElement, Span<double> destination)
    {
        if (Rows(name) is { } rows)
            rows.Read(firstElement, destination);
        else
            _file.Tensors.Read(StoredName(name), firstElement, destination);
    }

    public void Dispose() => _file.Dispose();

    private static Dictionary<string, WeightInfo> Rename(GgufFile file)
    {
        var renamed = new Dictionary<string, WeightInfo>();
        foreach (var stored in file.Tensors.Weights.Where(w => w.Name != GgufNames.RopeFreqs))
        {
            var name = GgufNames.ToHuggingFace(stored.Name);
            if (!renamed.TryAdd(name, stored))
                throw new CheckpointException($"{file.Path}: {renamed[name].Name} and {stored.Name} are both {name}.");
        }

        return renamed;
    }

    private string StoredName(string name) => _stored.TryGetValue(name, out var stored) ? stored.Name : name;

    private RowReader? Rows(string name)
    {
        if (!RotaryRows.Concerns(name) || !_stored.TryGetValue(name, out var stored))
            return null;
        var headDim = _headDim;
        return new RowReader(_file.Tensors, stored.Name, stored.Shape[^1], row => RotaryRows.ToInterleaved(row, headDim));
    }
}
