using System.Runtime.Intrinsics;

namespace Altiplano.Torch.Kernels;

/// <summary>[R, N, H] of fp32 in memory: heads side by side in each row.</summary>
internal readonly unsafe record struct PackedHeads(nint Address, long RowStride, long HeadStride, int HeadDim)
{
    public static PackedHeads Of(Tensor tensor) =>
        new((nint)Memory.Of<float>(tensor), tensor.Strides[0], tensor.Strides[1], (int)tensor.Size(2));

    public float* Row(long row, long head) => (float*)Address + row * RowStride + head * HeadStride;

    /// <summary>Copies rows of one head, times a factor, into [paddedLength, H]; the rows behind them become zero.</summary>
    public void Load(float* destination, long head, long row, long count, long paddedLength, float factor = 1)
    {
        for (var i = 0L; i < count; i++)
            Scale(Row(row + i, head), destination + i * HeadDim, factor);
        new Span<float>(destination + count * HeadDim, (int)((paddedLength - count) * HeadDim)).Clear();
    }

    /// <summary>Writes [count, H], times a factor, to the rows of one head from <paramref name="row"/> on, or adds it to them.</summary>
    public void Store(float* source, long head, long row, long count, float factor = 1, bool accumulate = false)
    {
        for (var i = 0L; i < count; i++)
            StoreRow(source + i * HeadDim, head, row + i, factor, accumulate ? 1 : 0);
    }

    /// <summary>Writes one row of H elements, times a factor, and adds what was there, times <paramref name="before"/>.</summary>
    public void StoreRow(float* source, long head, long row, float factor, float before = 0)
    {
        var destination = Row(row, head);
        if (before == 0)
            Scale(source, destination, factor);
        else
            Join(source, factor, destination, before);
    }

    private void Join(float* source, float factor, float* destination, float before)
    {
        for (var i = 0; i < HeadDim; i += Vector256<float>.Count)
            (Vector256.Load(destination + i) * before + Vector256.Load(source + i) * factor).Store(destination + i);
    }

    private void Scale(float* source, float* destination, float factor)
    {
        for (var i = 0; i < HeadDim; i += Vector256<float>.Count)
            (Vector256.Load(source + i) * factor).Store(destination + i);
    }
}
