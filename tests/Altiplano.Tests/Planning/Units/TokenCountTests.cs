using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Units;

public sealed class TokenCountTests
{
    [Theory]
    [InlineData("65536", 65_536)]
    [InlineData("4M", 4_000_000)]
    [InlineData("252M", 252_000_000)]
    [InlineData("2.87T", 2_870_000_000_000)]
    [InlineData("1.5B", 1_500_000_000)]
    [InlineData("32Ki", 32_768)]
    [InlineData("4 Mi", 4_194_304)]
    [InlineData("1e6", 1_000_000)]
    public void Parse_NumberWithSuffix_IsTheCount(string text, long expected) => TokenCount.Parse(text).ShouldBe(new TokenCount(expected));

    [Theory]
    [InlineData("")]
    [InlineData("M")]
    [InlineData("-4M")]
    [InlineData("4m")]
    [InlineData("0.5")]
    [InlineData("1,000")]
    [InlineData("10000000T")]
    public void Parse_AnythingElse_IsNull(string text) => TokenCount.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData(252_000_000, "252M")]
    [InlineData(2_870_000_000_000, "2.87T")]
    [InlineData(65_536, "65536")]
    [InlineData(0, "0")]
    public void ToString_Count_IsShortAndExact(long tokens, string expected) => new TokenCount(tokens).ToString().ShouldBe(expected);

    [Fact]
    public void Parse_OfToString_IsIdentity() =>
        Gen.Long[0, long.MaxValue].Select(Gen.Int[0, 18], (value, zeros) => value / (long)Math.Pow(10, zeros) * (long)Math.Pow(10, zeros))
            .Sample(value => TokenCount.Parse(new TokenCount(value).ToString()) == new TokenCount(value), seed: "0000KOIKhKZ3");
}
