using System.Numerics;
using System.Runtime.InteropServices;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>
/// Streams tensors from a source into files in another element type; its buffers serve one tensor after another.
/// </summary>
internal sealed class WeightEncoder(IWeightSource source)
{
    /// <summary>Elements converted at a time; a multiple of every block.</summary>
    private const int ChunkElements = 1 << 18;

    /// <summary>Magnitudes from here on round to infinity in F16.</summary>
    private const float HalfLimit = 65_520;

    private readonly float[] _numbers = new float[ChunkElements];
    private readonly byte[] _bytes = new byte[ChunkElements * sizeof(float)];

    private delegate void Reader(long firstElement, Span<float> destination);

    /// <summary>Writes a tensor as it is in the source.</summary>
    /// <param name="written">Name of a source's tensor, and the type to write.</param>
    /// <exception cref="CheckpointException">An element is not finite in the type.</exception>
    public void Write(WeightInfo written, OutputFile output) =>
        Write(written, output, (first, destination) => source.Read(written.Name, first, destination));

    /// <summary>Writes q or k with the rows of each head interleaved.</summary>
    /// <inheritdoc cref="Write(WeightInfo, OutputFile)"/>
    public void WriteInterleaved(WeightInfo written, int headDim, OutputFile output)
    {
        var rows = new RowReader(source, written.Name, written.Shape[^1], row => RotaryRows.ToHalves(row, headDim));
        Write(written, output, rows.Read);
    }

    private void Write(WeightInfo written, OutputFile output, Reader read)
    {
        var total = written.NumElements;
        for (var first = 0L; first < total; first += ChunkElements)
        {
            var numbers = _numbers.AsSpan(0, (int)Math.Min(ChunkElements, total - first));
            read(first, numbers);
            ThrowUnlessFinite(written, first, numbers);
            var bytes = _bytes.AsSpan(0, (int)written.Type.ByteCount(numbers.Length));
            WeightCodec.Encode(written.Type, numbers, bytes);
            output.Write(bytes);
        }
    }

    private void ThrowUnlessFinite(WeightInfo written, long first, ReadOnlySpan<float> numbers)
    {
        var limit = written.Type == WeightType.F16 ? HalfLimit : float.PositiveInfinity;
        var bad = IndexOfNotBelow(numbers, limit);
        if (bad < 0)
            return;
        var advice = float.IsFinite(numbers[bad])
            ? " F16 holds magnitudes up to 65,504: use BF16 or F32."
            : " Such a model computes nothing: was its run broken?";
        throw new CheckpointException(
            $"{source.Origin}: {written.Name} has {numbers[bad]} at element {first + bad:N0}, which {written.Type} cannot hold " +
            $"as a finite number.{advice}");
    }

    /// <summary>Index of the first number that is NaN or whose magnitude reaches the limit; -1 for none.</summary>
    private static int IndexOfNotBelow(ReadOnlySpan<float> numbers, float limit)
    {
        var i = 0;
        foreach (var vector in MemoryMarshal.Cast<float, Vector<float>>(numbers))
        {
            if (!Vector.LessThanAll(Vector.Abs(vector), new Vector<float>(limit)))
                break;
            i += Vector<float>.Count;
        }

        for (; i < numbers.Length; i++)
        {
            if (!(MathF.Abs(numbers[i]) < limit))
                return i;
        }

        return -1;
    }
}
