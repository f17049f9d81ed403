using System.Buffers;
using System.Runtime.InteropServices;

namespace Altiplano.Training.Checkpoints;

/// <summary>A tensor whose elements lie, row-major and without gaps, at an offset of a file.</summary>
/// <param name="Offset">Bytes from the start of the file.</param>
internal sealed record StoredTensor(WeightInfo Info, SourceFile File, long Offset)
{
    /// <summary>Elements converted at a time; 512 KiB of fp32 stays in a core's second-level cache.</summary>
    private const int ChunkElements = 128 << 10;

    private delegate void Decoder<T>(WeightType type, ReadOnlySpan<byte> source, Span<T> destination);

    /// <exception cref="CheckpointException">
    /// The range leaves the tensor, its type holds no reals, or the file cannot be read.
    /// </exception>
    public void Read(long firstElement, Span<float> destination)
    {
        if (Info.Type == WeightType.F32)
            ReadBytes(firstElement, destination.Length, MemoryMarshal.AsBytes(destination));
        else
            ReadChunks(firstElement, destination, WeightCodec.Decode);
    }

    /// <inheritdoc cref="Read(long, Span{float})"/>
    public void Read(long firstElement, Span<double> destination)
    {
        if (Info.Type == WeightType.F64)
            ReadBytes(firstElement, destination.Length, MemoryMarshal.AsBytes(destination));
        else
            ReadChunks(firstElement, destination, WeightCodec.Decode);
    }

    private void ReadBytes(long firstElement, long count, Span<byte> destination)
    {
        CheckRange(firstElement, count);
        File.Read(Offset + Info.Type.ByteCount(firstElement), destination);
    }

    private void ReadChunks<T>(long firstElement, Span<T> destination, Decoder<T> decode)
    {
        CheckRange(firstElement, destination.Length);
        if (!Info.Type.IsReal())
            throw new CheckpointException(
                $"{File.Path}: {Info.Name} is {Info.Type}, which is no weight. F64, F32, F16, BF16 and Q8_0 are.");
        var block = Info.Type.BlockElements();
        var bytes = ArrayPool<byte>.Shared.Rent((int)Info.Type.ByteCount(ChunkElements));
        var elements = ArrayPool<T>.Shared.Rent(block == 1 ? 0 : ChunkElements);
        for (var done = 0; done < destination.Length;)
        {
            // A quantised range may begin and end inside a block: whole blocks are decoded, the asked-for part is copied.
            var skip = (int)((firstElement + done) % block);
            var count = Math.Min(destination.Length - done, ChunkElements - skip);
            var whole = (skip + count + block - 1) / block * block;
            var source = bytes.AsSpan(0, (int)Info.Type.ByteCount(whole));
            File.Read(Offset + Info.Type.ByteCount(firstElement + done - skip), source);
            var target = destination.Slice(done, count);
            if (whole == count)
            {
                decode(Info.Type, source, target);
            }
            else
            {
                decode(Info.Type, source, elements.AsSpan(0, whole));
                elements.AsSpan(skip, count).CopyTo(target);
            }

            done += count;
        }

        ArrayPool<T>.Shared.Return(elements);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void CheckRange(long firstElement, long count)
    {
        if (firstElement < 0 || firstElement + count > Info.NumElements)
        {
            throw new CheckpointException(
                $"{File.Path}: {Info.Name} has {Info.NumElements:N0} elements {Info.ShapeText}; " +
                $"{firstElement:N0} to {firstElement + count:N0} were asked for.");
        }
    }
}
