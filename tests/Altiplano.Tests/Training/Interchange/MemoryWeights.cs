using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Tests.Training.Interchange;

/// <summary>Weights held in memory as fp64.</summary>
internal sealed class MemoryWeights(IReadOnlyList<WeightInfo> weights, IReadOnlyDictionary<string, double[]> values)
    : IWeightSource
{
    public string Origin => "memory";

    public IReadOnlyList<WeightInfo> Weights => weights;

    /// <summary>Weights of a model drawn from a seed; exact in fp32.</summary>
    public static MemoryWeights Random(LlamaArchitecture model, int seed)
    {
        var random = new Random(seed);
        var infos = ParameterTable.Of(model).Select(p => new WeightInfo(p.Name, WeightType.F64, p.Shape)).ToList();
        return new MemoryWeights(infos, infos.ToDictionary(w => w.Name, Draw));

        double[] Draw(WeightInfo weight) =>
            [.. Enumerable.Range(0, (int)weight.NumElements).Select(_ => (double)(random.NextSingle() - 0.5f))];
    }

    public double[] this[string name] => values[name];

    public void Read(string name, long firstElement, Span<float> destination)
    {
        for (var i = 0; i < destination.Length; i++)
            destination[i] = (float)values[name][firstElement + i];
    }

    public void Read(string name, long firstElement, Span<double> destination) =>
        values[name].AsSpan((int)firstElement, destination.Length).CopyTo(destination);

    public void Dispose()
    {
    }
}
