using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>[R, N, H] of fp32 in memory: heads side by side in each row.</summary>
internal readonly unsafe record struct PackedHeads(nint Address, long RowStride, long HeadStride, int HeadDim)
{
    public static PackedHeads Of(Tensor tensor) =>
        new((nint)Memory.Of<float>(tensor), tensor.Strides[0], tensor.Strides[1], (int)tensor.Size(2));

    public float* Row(long row, long head) => (float*)Address + row * RowStride + head * HeadStride;

    /// <summary>Copies a document's rows of one head, times a factor, into [paddedLength, H]; the rows behind them become zero.</summary>
    public void Load(float* destination, long head, AttentionDocument document, long paddedLength, float factor = 1)
    {
        for (var i = 0L; i < document.Length; i++)
            Scale(Row(document.Start + i, head), destination + i * HeadDim, factor);
        new Span<float>(destination + document.Length * HeadDim, (int)((paddedLength - document.Length) * HeadDim)).Clear();
    }

    /// <summary>Writes [count, H], times a factor, to the rows of one head from <paramref name="row"/> on.</summary>
    public void Store(float* source, long head, long row, long count, float factor = 1)
    {
        for (var i = 0L; i < count; i++)
            Scale(source + i * HeadDim, Row(row + i, head), factor);
    }

    /// <summary>Writes one row of H elements, times a factor.</summary>
    public void StoreRow(float* source, long head, long row, float factor) => Scale(source, Row(row, head), factor);

    private void Scale(float* source, float* destination, float factor)
    {
        for (var i = 0; i < HeadDim; i += Vector256<float>.Count)
            (Vector256.Load(source + i) * factor).Store(destination + i);
    }
}
