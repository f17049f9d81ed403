using Altiplano.Planning.Architecture;
using Altiplano.Torch;

namespace Altiplano.Training.Layers;

/// <summary>Queries, keys and values inside a packed q‖k‖v buffer [R, (N + 2K) H], as views.</summary>
public sealed class HeadViews : IDisposable
{
    public HeadViews(Tensor qkv_RW, LlamaArchitecture model)
    {
        var (n, k) = (model.NumAttentionHeads, model.NumKeyValueHeads);
        Q_RNH = Heads(qkv_RW, 0, n, model.HeadDim);
        K_RKH = Heads(qkv_RW, n, k, model.HeadDim);
        V_RKH = Heads(qkv_RW, n + k, k, model.HeadDim);
    }

    public Tensor Q_RNH { get; }
    public Tensor K_RKH { get; }
    public Tensor V_RKH { get; }

    public void Dispose()
    {
        Q_RNH.Dispose();
        K_RKH.Dispose();
        V_RKH.Dispose();
    }

    private static Tensor Heads(Tensor qkv_RW, int first, int count, int headDim) =>
        qkv_RW.View([qkv_RW.Size(0), count, headDim], [qkv_RW.Strides[0], headDim, 1], (long)first * headDim);
}
