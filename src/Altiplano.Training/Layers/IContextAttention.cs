using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Attention of this cp rank's queries to the keys and values of all ranks.</summary>
internal interface IContextAttention
{
    /// <param name="output_RNH">[R_cp, N, H], written.</param>
    /// <param name="qkv_RW">[R_cp, W].</param>
    /// <returns>
    /// k‖v of all rows where the backward pass reads them, and the log-sum-exp of each query's scores, [N, R_cp]; the caller disposes them.
    /// </returns>
    (Tensor? KeysValues, Tensor LogSumExp) Forward(Tensor output_RNH, Tensor qkv_RW, PackedBatch batch);

    /// <param name="dQkv_RW">[R_cp, W], written.</param>
    void Backward(Tensor dQkv_RW, Tensor dOutput_RNH, SavedAttention saved, PackedBatch batch);

    /// <summary>Null on one rank, whose attention needs no other.</summary>
    /// <param name="model">The shape with this rank's heads.</param>
    static IContextAttention? Of(LlamaArchitecture model, Sharding sharding) => (sharding.Mesh.Cp.Degree, sharding.CpMethod) switch
    {
        (1, _) => null,
        (_, ContextParallelMethod.Ring) => new RingAttention(new KeyColumns(model), sharding.Mesh.Cp),
        _ => new GatheredAttention(new KeyColumns(model), sharding.Mesh.Cp),
    };
}
