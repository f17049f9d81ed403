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

    /// <summary>Scores and their product with the values.</summary>
    /// <param name="pairs">Query-key pairs of a head, summed over documents and layers: <see cref="AttentionPairs.OfDocument"/>.</param>
    /// <remarks>Each of N·H columns meets every pair, in two products.</remarks>
    public double Attention(double pairs) => ForwardAndBackward * 2 * 2 * pairs * model.NumAttentionHeads * model.HeadDim;

    /// <summary>Forward and backward of a step.</summary>
    public double Step(long tokens, double pairs) => MatricesPerToken * tokens + Attention(pairs);

    private static long MatrixElements(LlamaArchitecture model)
    {
        var matrices = ParameterTable.Of(model).Where(p => p.Role is not (ParameterRole.Norm or ParameterRole.Embedding));
        var head = model.TieWordEmbeddings ? (long)model.VocabSize * model.HiddenSize : 0;
        return matrices.Sum(p => p.IsExpert ? p.NumElements / model.Mixture!.NumExperts * model.Mixture.TopK : p.NumElements) + head;
    }
}
