using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>What a layer does to queries and keys before they meet: rotation, and in Llama 4 a norm after it or a temperature instead.</summary>
/// <param name="model">The shape with this rank's heads.</param>
internal sealed class HeadTransform(LlamaArchitecture model, RotaryTable rotary, int layer)
{
    private readonly bool _isRotary = model.Attention?.IsFullLayer(layer) != true;

    private int NumHeads => model.NumAttentionHeads + model.NumKeyValueHeads;

    /// <summary>Tokens of the chunks that documents are cut into; null where the layer sees whole documents.</summary>
    public int? ChunkTokens => _isRotary ? model.Attention?.ChunkTokens : null;

    private bool HasNorm => _isRotary && model.Attention is { HasQkNorm: true };

    /// <param name="qkv_RW">[R, W], in place.</param>
    /// <returns>1 / rms of each head of queries and keys, [R, N + K], which the caller disposes; null where there is no norm.</returns>
    public Tensor? Apply(Tensor qkv_RW, Tensor positions_R)
    {
        if (_isRotary)
            Rotate(qkv_RW, positions_R, inverse: false);
        else
            Heat(qkv_RW, positions_R);
        if (!HasNorm)
            return null;
        var inverseRms_RN = qkv_RW.Engine.Empty(qkv_RW.Type.Accumulator(), qkv_RW.Size(0), NumHeads);
        qkv_RW.Engine.NormalizeHeads(qkv_RW, inverseRms_RN, model.HeadDim, model.RmsNormEps);
        return inverseRms_RN;
    }

    /// <param name="dQkv_RW">[R, W], in place.</param>
    /// <param name="qkv_RW">As <see cref="Apply"/> left it.</param>
    public void ApplyBackward(Tensor dQkv_RW, Tensor qkv_RW, Tensor? inverseRms_RN, Tensor positions_R)
    {
        if (inverseRms_RN is not null)
            dQkv_RW.Engine.NormalizeHeadsBackward(dQkv_RW, qkv_RW, inverseRms_RN, model.HeadDim);
        if (_isRotary)
            Rotate(dQkv_RW, positions_R, inverse: true);
        else
            Heat(dQkv_RW, positions_R);
    }

    private void Rotate(Tensor qkv_RW, Tensor positions_R, bool inverse) => qkv_RW.Engine.Rotate(
        qkv_RW, NumHeads, rotary.Cos_PH, rotary.Sin_PH, positions_R, inverse, isInterleaved: model.Attention is not null);

    /// <summary>A factor on queries is its own transpose.</summary>
    private void Heat(Tensor qkv_RW, Tensor positions_R)
    {
        if (rotary.Temperature is not { } temperature)
            return;
        using var q_RE = qkv_RW.Columns(0, (long)model.NumAttentionHeads * model.HeadDim);
        qkv_RW.Engine.ScaleRows(q_RE, q_RE, temperature.Factors_P, positions_R);
    }
}
