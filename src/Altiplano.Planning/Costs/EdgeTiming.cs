using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>What the first and the last pipeline stage do besides their layers.</summary>
internal sealed class EdgeTiming(Workload workload, KernelTiming kernels)
{
    // Rows are read, written, and their gradients added to the table.
    private const double EmbeddingPasses = 6;

    // Logits in 32 bits: written, read for maximum and for sum, read and written for the gradient.
    private const double LogitBytes = 4 * 5;

    private readonly TransformerShape _model = workload.Model;

    /// <summary>The look-up and, for images, the vision tower.</summary>
    public LayerTime Embedding(in Layout layout)
    {
        var tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        var bytes = EmbeddingPasses * tokens * _model.HiddenSize * LayerKernels.BytesPerActivation;
        var time = kernels.Elementwise(bytes);
        var lookUp = new LayerTime { Elementwise = time, Forward = time / 3, MemoryTraffic = bytes };
        return _model.Vision is { } tower ? lookUp + Vision(tower, tokens, layout.Tp) : lookUp;
    }

    /// <summary>Last norm, logits and loss.</summary>
    public LayerTime Head(in Layout layout)
    {
        var tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp;
        var columns = (double)_model.VocabSize / layout.Tp;
        var work = default(LayerWork);
        work.AddProduct(kernels, tokens, columns, _model.HiddenSize);
        var bytes = tokens * (columns * LogitBytes + 4.0 * _model.HiddenSize * LayerKernels.BytesPerActivation);
        var loss = kernels.Elementwise(bytes);
        return new LayerTime
        {
            Matrices = work.MatricesForward + work.MatricesBackward,
            Elementwise = loss,
            Forward = work.MatricesForward + loss / 2,
            Flops = 3 * work.MatrixFlops,
            MemoryTraffic = work.ProductBytes + bytes,
        };
    }

    /// <summary>Patches of the images among so many tokens: plain layers with two feed-forward products and full attention.</summary>
    private LayerTime Vision(VisionTower tower, double tokens, double tp)
    {
        var images = tokens * tower.ImageTokenShare / tower.DecoderTokensPerImage;
        var patches = images * tower.TokensPerImage;
        double hidden = tower.HiddenSize;
        var work = default(LayerWork);
        work.AddProduct(kernels, patches, 3 * hidden / tp, hidden);
        work.AddProduct(kernels, patches, hidden, hidden / tp);
        work.AddFeedForward(kernels, patches, hidden, tower.IntermediateSize / tp, isGated: false);
        var operations = 4 * hidden / tp * patches * tower.TokensPerImage;
        var headSize = hidden / tower.NumAttentionHeads;
        var forward = kernels.Attention(operations, tower.TokensPerImage, headSize, isSharded: false);
        var backward = kernels.Attention(operations * KernelTiming.AttentionBackward, tower.TokensPerImage, headSize, isSharded: false);
        var bytes = patches * LayerKernels.BytesPerActivation * (10 * hidden + (6 * hidden + 2.0 * tower.IntermediateSize) / tp);
        var elementwise = kernels.Elementwise(bytes);
        return new LayerTime
        {
            Matrices = work.MatricesForward + work.MatricesBackward,
            Attention = forward + backward,
            Elementwise = 3 * elementwise,
            Forward = work.MatricesForward + forward + elementwise,
            Flops = 3 * work.MatrixFlops + operations * (1 + KernelTiming.AttentionBackward),
            MemoryTraffic = work.ProductBytes + 3 * bytes,
        } * tower.NumLayers;
    }
}
