using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Where queries, and keys and values together, lie in q‖k‖v and in k‖v.</summary>
/// <param name="model">The shape with this rank's heads.</param>
internal readonly struct KeyColumns(LlamaArchitecture model)
{
    private long KeyWidth => (long)model.NumKeyValueHeads * model.HeadDim;

    private long QueryWidth => (long)model.NumAttentionHeads * model.HeadDim;

    /// <summary>A copy of k‖v of [R, W], [R, 2 K H]; the caller disposes it.</summary>
    public Tensor CopyOf(Tensor qkv_RW)
    {
        var copy = qkv_RW.Engine.Empty(qkv_RW.Type, qkv_RW.Size(0), 2 * KeyWidth);
        using var source = qkv_RW.Columns(QueryWidth, 2 * KeyWidth);
        qkv_RW.Engine.Copy(copy, source);
        return copy;
    }

    /// <summary>Writes k‖v, [R, 2 K H], to its columns of [R, W].</summary>
    public void Put(Tensor qkv_RW, Tensor keysValues)
    {
        using var target = qkv_RW.Columns(QueryWidth, 2 * KeyWidth);
        qkv_RW.Engine.Copy(target, keysValues);
    }

    /// <summary>[R, N, H]: a view of [R, W].</summary>
    public Tensor QueriesOf(Tensor qkv_RW) => Heads(qkv_RW, model.NumAttentionHeads, 0);

    /// <summary>[R, K, H]: a view of [R, 2 K H].</summary>
    public Tensor KeysOf(Tensor keysValues) => Heads(keysValues, model.NumKeyValueHeads, 0);

    /// <summary>[R, K, H]: a view of [R, 2 K H].</summary>
    public Tensor ValuesOf(Tensor keysValues) => Heads(keysValues, model.NumKeyValueHeads, KeyWidth);

    private Tensor Heads(Tensor packed, long count, long offset) =>
        packed.View([packed.Size(0), count, model.HeadDim], [packed.Strides[0], model.HeadDim, 1], offset);
}
