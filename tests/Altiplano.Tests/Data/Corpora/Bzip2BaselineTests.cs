using System.Text;
using Altiplano.Data.Corpora;

namespace Altiplano.Tests.Data.Corpora;

public sealed class Bzip2BaselineTests
{
    [Fact]
    public void BitsPerByte_EmptyText_IsZero() => Bzip2Baseline.BitsPerByte([]).ShouldBe(0);

    [Fact]
    public void BitsPerByte_OneByte_IsTheSizeOfTheFrame() => Bzip2Baseline.BitsPerByte("a"u8).ShouldBe(8 * 37); // bzip2 -9 makes 37 bytes of it

    [Fact]
    public void BitsPerByte_RandomDigits_IsNearTheirEntropy()
    {
        var random = new Random(1);
        var digits = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 200_000).Select(_ => random.Next(10))));

        Bzip2Baseline.BitsPerByte(digits).ShouldBeInRange(Math.Log2(10), 1.05 * Math.Log2(10));
    }
}
