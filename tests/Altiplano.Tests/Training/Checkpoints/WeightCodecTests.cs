using Altiplano.Training.Checkpoints;
using CsCheck;

namespace Altiplano.Tests.Training.Checkpoints;

public sealed class WeightCodecTests
{
    [Fact]
    public void Decode_EveryHalf_IsWhatTheRuntimeConverts()
    {
        var bits = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).ToArray();
        var actual = new float[bits.Length];

        WeightCodec.Decode(WeightType.F16, System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(bits), actual);

        actual.ShouldBe(bits.Select(b => (float)BitConverter.UInt16BitsToHalf(b)));
    }

    [Fact]
    public void Encode_EveryBFloat16_ComesBackToTheBit()
    {
        var bits = Enumerable.Range(0, 1 << 16).Select(i => (ushort)i).Where(b => (b & 0x7FFF) <= 0x7F80).ToArray();
        var source = System.Runtime.InteropServices.MemoryMarshal.AsBytes<ushort>(bits);
        var numbers = new float[bits.Length];
        var back = new byte[source.Length];

        WeightCodec.Decode(WeightType.BF16, source, numbers);
        WeightCodec.Encode(WeightType.BF16, numbers, back);

        numbers[Array.IndexOf(bits, (ushort)0xC049)].ShouldBe(-3.140625f);
        back.ShouldBe(source.ToArray());
    }

    [Theory]
    [InlineData(0x3F80_8000, 0x3F80)] // half way, even below
    [InlineData(0x3F81_8000, 0x3F82)] // half way, even above
    [InlineData(0x3F80_8001, 0x3F81)]
    [InlineData(0x3F80_7FFF, 0x3F80)]
    [InlineData(0x7F7F_FFFF, 0x7F80)] // the largest fp32 rounds to infinity
    [InlineData(0x7F80_0001, 0x7FC0)] // a signalling NaN stays a NaN
    public void Encode_BFloat16_RoundsToNearestEven(int from, int expected)
    {
        var numbers = Enumerable.Repeat(BitConverter.Int32BitsToSingle(from), 17).ToArray(); // a vector of 16 and a rest
        var bytes = new byte[34];

        WeightCodec.Encode(WeightType.BF16, numbers, bytes);

        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().ShouldAllBe(b => b == expected);
    }

    [Fact]
    public void Encode_Half_IsWhatTheRuntimeConverts() => Gen.Float.Array[0, 40].Sample(numbers =>
    {
        var bytes = new byte[numbers.Length * 2];
        WeightCodec.Encode(WeightType.F16, numbers, bytes);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(bytes).ToArray().ShouldBe(numbers.Select(n => (Half)n));
    }, iter: 500);

    [Fact]
    public void Encode_Q8_IsGgmlsReferenceToTheBit() => Gen.Float[-1e3f, 1e3f].Array[32].Array[1, 3].Sample(blocks =>
    {
        var numbers = blocks.SelectMany(b => b).ToArray();
        var actual = new byte[numbers.Length / 32 * 34];
        WeightCodec.Encode(WeightType.Q8_0, numbers, actual);
        actual.ShouldBe(blocks.SelectMany(ReferenceBlock));
    }, iter: 500);

    [Fact]
    public void Encode_Q8HalfWay_RoundsAwayFromZero()
    {
        var numbers = new float[32];
        (numbers[0], numbers[1], numbers[2], numbers[3]) = (127, 2.5f, -2.5f, 0.49999997f);
        var bytes = new byte[34];

        WeightCodec.Encode(WeightType.Q8_0, numbers, bytes);

        bytes[2..6].Select(b => (sbyte)b).ShouldBe([127, 3, -3, 0]);
    }

    [Fact]
    public void Decode_Q8_IsScaleTimesByte()
    {
        var bytes = new byte[68];
        BitConverter.TryWriteBytes(bytes.AsSpan(34), (Half)0.5f);
        for (var i = 0; i < 32; i++)
            bytes[36 + i] = (byte)(sbyte)(i - 16);
        var numbers = new float[64];
        var doubles = new double[64];

        WeightCodec.Decode(WeightType.Q8_0, bytes, numbers);
        WeightCodec.Decode(WeightType.Q8_0, bytes, doubles);

        numbers[..32].ShouldAllBe(n => n == 0);
        numbers[32..].ShouldBe(Enumerable.Range(-16, 32).Select(i => i * 0.5f));
        doubles.ShouldBe(numbers.Select(n => (double)n));
    }

    [Fact]
    public void Decode_Integers_AreNoWeights() =>
        Should.Throw<ArgumentException>(() => WeightCodec.Decode(WeightType.I64, new byte[8], new float[1]))
            .Message.ShouldStartWith("I64 holds no real numbers");

    /// <summary>quantize_row_q8_0_ref, one element at a time.</summary>
    private static IEnumerable<byte> ReferenceBlock(float[] x)
    {
        var scale = x.Max(MathF.Abs) / 127;
        var inverse = scale == 0 ? 0 : 1 / scale;
        var bytes = x.Select(v => (byte)(sbyte)MathF.Round(v * inverse, MidpointRounding.AwayFromZero));
        return BitConverter.GetBytes((Half)scale).Concat(bytes);
    }
}
