using Altiplano.Distributed;
using Altiplano.Distributed.Reductions;
using Altiplano.MpiTests;
using CsCheck;

namespace Altiplano.Tests.Distributed.Reductions;

public sealed class ReductionTests
{
    private static readonly Gen<(ushort A, ushort B, ushort C)[]> Triples = Gen.Select(Gen.UShort, Gen.UShort, Gen.UShort).Array[1, 80];

    /// <summary>Vector lanes and the scalar rest give the same, NaN and infinities included.</summary>
    [Theory]
    [InlineData(ReduceOp.Sum)]
    [InlineData(ReduceOp.Max)]
    public void Apply_AnyBFloats_AreSummedInFloatAndRoundedOnce(ReduceOp op) => Triples.Sample(values =>
    {
        using var a = new NativeArray<ushort>([.. values.Select(v => v.A)], ElementType.BFloat16);
        using var b = new NativeArray<ushort>([.. values.Select(v => v.B)], ElementType.BFloat16);
        using var c = new NativeArray<ushort>([.. values.Select(v => v.C)], ElementType.BFloat16);
        using var result = new NativeArray<ushort>(values.Length, ElementType.BFloat16);

        nint[] sources = [a.Buffer.Address, b.Buffer.Address, c.Buffer.Address];
        Reduction.Apply(op, ElementType.BFloat16, sources, result.Buffer.Address, values.Length);

        for (var i = 0; i < values.Length; i++)
            ShouldBeRounded(result.Span[i], Combine(op, Combine(op, Widen(a.Span[i]), Widen(b.Span[i])), Widen(c.Span[i])));
    });

    [Fact]
    public void Apply_TargetIsASource_GivesTheSame()
    {
        using var a = new NativeArray<float>(SampleValues.Floats(0, 1003), ElementType.Float32);
        using var b = new NativeArray<float>(SampleValues.Floats(1, 1003), ElementType.Float32);
        using var c = new NativeArray<float>(SampleValues.Floats(2, 1003), ElementType.Float32);

        nint[] sources = [a.Buffer.Address, b.Buffer.Address, c.Buffer.Address];
        Reduction.Apply(ReduceOp.Sum, ElementType.Float32, sources, c.Buffer.Address, 1003);

        c.Span.ToArray().ShouldBe(SampleValues.Reduce(3, 1003, ReduceOp.Sum, SampleValues.Floats));
    }

    private static float Combine(ReduceOp op, float a, float b) => op == ReduceOp.Sum ? a + b : MathF.Max(a, b);

    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    private static void ShouldBeRounded(ushort actual, float exact)
    {
        if (float.IsNaN(exact))
            float.IsNaN(Widen(actual)).ShouldBeTrue();
        else
            actual.ShouldBe(Nearest(exact));
    }

    /// <summary>The nearer of the two neighbours, the even one of two equally near.</summary>
    private static ushort Nearest(float exact)
    {
        var below = (ushort)(BitConverter.SingleToUInt32Bits(exact) >> 16);
        var (down, up) = ((double)Widen(below), (double)Widen((ushort)(below + 1)));
        // What is rounded as if the exponent had no end becomes infinite from half way on.
        if (double.IsInfinity(up))
            up = Math.CopySign(Math.Pow(2, 128), exact);
        if (float.IsInfinity(exact) || exact == down)
            return below;
        var (toDown, toUp) = (Math.Abs(exact - down), Math.Abs(up - exact));
        return toDown < toUp || (toDown == toUp && below % 2 == 0) ? below : (ushort)(below + 1);
    }
}
