using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Costs;

/// <summary>Floating-point operations of one model, recompute not counted, a multiply-add counting two.</summary>
/// <remarks>
/// Forward plus backward is three times the forward pass: the backward pass has two products for each one. Of routed experts, those that
/// a token visits count.
/// </remarks>
public sealed class ModelFlops(LlamaArchitecture model)
{
    private const double ForwardAndBackward = 3;

    /// <summary>Products of a token with the weights: all matrices, the head included, the embedding look-up not.</summary>
    public double MatricesPerToken { get; } = ForwardAndBackward * 2 * MatrixElements(model);

    /// <summary>
    /// Scores and their product with the values, for documents whose squared lengths sum to
    /// <paramref name="squaredLengths"/>.
    /// </summary>
    /// <remarks>Causal attention counts as half: each of N·H · L columns meets length² / 2 pairs, in two products.</remarks>
    public double Attention(double squaredLengths) =>
        ForwardAndBackward * 2 * 2 * (squaredLengths / 2) * model.NumAttentionHeads * model.HeadDim * model.NumLayers;

    /// <summary>Forward and backward of a step.</summary>
    public double Step(long tokens, double squaredLengths) => MatricesPerToken * tokens + Attention(squaredLengths);

    private static long MatrixElements(LlamaArchitecture model)
    {
        var matrices = ParameterTable.Of(model).Where(p => p.Role is not (ParameterRole.Norm or ParameterRole.Embedding));
        var head = model.TieWordEmbeddings ? (long)model.VocabSize * model.HiddenSize : 0;
        return matrices.Sum(p => p.IsExpert ? p.NumElements / model.Mixture!.NumExperts * model.Mixture.TopK : p.NumElements) + head;
    }
}
