using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Units;

public sealed class BytesTests
{
    [Theory]
    [InlineData("1.5GiB", 1_610_612_736)]
    [InlineData("512 MiB", 536_870_912)]
    [InlineData("2GB", 2_000_000_000)]
    [InlineData("17", 17)]
    public void Parse_NumberWithUnit_TellsGigabytesFromGibibytes(string text, long expected) =>
        Bytes.Parse(text).ShouldBe(new Bytes(expected));

    [Theory]
    [InlineData("1.5 giga")]
    [InlineData("0.3B")]
    [InlineData("GiB")]
    public void Parse_AnythingElse_IsNull(string text) => Bytes.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData(39_621_257_134, "36.9GiB")]
    [InlineData(1_048_576, "1.0MiB")]
    [InlineData(1_536, "1.5KiB")]
    [InlineData(17, "17B")]
    public void ToString_Size_UsesTheLargestUnitThatFits(long value, string expected) => new Bytes(value).ToString().ShouldBe(expected);
}
