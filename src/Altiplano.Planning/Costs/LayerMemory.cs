namespace Altiplano.Planning.Costs;

/// <summary>Activation bytes of one microbatch on one rank, by kind of layer.</summary>
/// <param name="KeptDense">What a layer without experts keeps for its backward pass.</param>
/// <param name="KeptMixture">What a layer with experts keeps.</param>
/// <param name="WorkDense">What exists for a while during the backward pass of a layer without experts, recomputed tensors included.</param>
/// <param name="WorkMixture">The same of a layer with experts.</param>
public readonly record struct LayerMemory(double KeptDense, double KeptMixture, double WorkDense, double WorkMixture);
