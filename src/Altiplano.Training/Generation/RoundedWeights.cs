using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Generation;

/// <summary>A model's weights as they are after having been stored in another type.</summary>
/// <param name="source">Stays the caller's.</param>
/// <param name="storedType">The type that a parameter is stored in.</param>
internal sealed class RoundedWeights(IWeightSource source, LlamaArchitecture model, Func<ParameterSpec, WeightType> storedType)
    : IWeightSource
{
    private readonly Dictionary<string, WeightType> _types = ParameterTable.Of(model).ToDictionary(p => p.Name, storedType);

    public string Origin => source.Origin;

    public IReadOnlyList<WeightInfo> Weights => source.Weights;

    public void Read(string name, long firstElement, Span<float> destination)
    {
        var (type, block) = (_types[name], _types[name].BlockElements());
        var skip = (int)(firstElement % block);
        var numbers = new float[(skip + destination.Length + block - 1) / block * block];
        source.Read(name, firstElement - skip, numbers);
        var bytes = new byte[type.ByteCount(numbers.Length)];
        WeightCodec.Encode(type, numbers, bytes);
        WeightCodec.Decode(type, bytes, numbers);
        numbers.AsSpan(skip, destination.Length).CopyTo(destination);
    }

    public void Read(string name, long firstElement, Span<double> destination)
    {
        var numbers = new float[destination.Length];
        Read(name, firstElement, numbers);
        for (var i = 0; i < numbers.Length; i++)
            destination[i] = numbers[i];
    }

    public void Dispose()
    {
    }
}
