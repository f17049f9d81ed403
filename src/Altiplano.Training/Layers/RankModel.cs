using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>What one rank has of a run's model, whatever its family: its weights and the layers that use them.</summary>
public sealed class RankModel : IDisposable
{
    /// <param name="engine">Real tensors, or shapes alone.</param>
    /// <param name="sharding">How the ranks share the model; the mesh stays the caller's.</param>
    /// <param name="precision">Of weights and activations.</param>
    /// <param name="routing">What stands for a router's choice on shapes; null for balance.</param>
    /// <exception cref="ConfigException">The model is of a kind that can be planned but not trained.</exception>
    public RankModel(Engine engine, RunSpec run, Sharding sharding, Precision precision, RoutingAssumption? routing = null)
    {
        Parameters = new ParameterStore(engine, run.Model.Architecture, precision.ToScalarType(), withGradients: true, sharding);
        Model = new LlamaModel(Parameters, ModelOptions.For(run) with { Routing = routing });
    }

    public ParameterStore Parameters { get; }
    public LlamaModel Model { get; }

    public void Dispose()
    {
        Model.Dispose();
        Parameters.Dispose();
    }
}
