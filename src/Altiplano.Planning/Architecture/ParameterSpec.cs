using System.Collections.Immutable;

namespace Altiplano.Planning.Architecture;

/// <summary>What a parameter is for; decides its initialisation and whether weight decay applies.</summary>
public enum ParameterRole
{
    Embedding,
    Norm,
    /// <summary>A matrix whose output does not enter the residual stream directly: q, k, v, gate.</summary>
    Projection,
    /// <summary>A matrix whose initial size shrinks with depth: o, up, down (torchtitan's convention).</summary>
    DepthScaledProjection,
    Head,
    /// <summary>Gate and up of all experts, [E, in, 2 out]: gate in the first half of the columns.</summary>
    ExpertGateUp,
    /// <summary>The projection out of all experts, [E, in, out].</summary>
    ExpertDown,
}

/// <summary>One row of a model's parameter table.</summary>
/// <param name="Name">Hugging Face's key, for example <c>model.layers.0.self_attn.q_proj.weight</c>.</param>
/// <param name="Shape">Sizes in elements; matrices are [out, in], those of experts [E, in, out].</param>
/// <param name="Layer">Index of the decoder layer, or null for embedding, final norm and head.</param>
public sealed record ParameterSpec(string Name, ImmutableArray<long> Shape, ParameterRole Role, int? Layer)
{
    public long NumElements => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Weight decay applies to matrices, never to norms.</summary>
    public bool IsDecayed => Role != ParameterRole.Norm;

    /// <summary>True for the weights of routed experts, which lie on other ranks than the rest.</summary>
    public bool IsExpert => Role is ParameterRole.ExpertGateUp or ParameterRole.ExpertDown;
}
