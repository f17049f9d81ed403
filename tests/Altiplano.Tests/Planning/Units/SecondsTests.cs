using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Units;

public sealed class SecondsTests
{
    [Theory]
    [InlineData("90s", 90)]
    [InlineData("10min", 600)]
    [InlineData("1.8h", 6480)]
    [InlineData("54d", 4_665_600)]
    [InlineData("20ms", 0.02)]
    [InlineData("5 us", 5e-6)]
    [InlineData("-3s", -3)]
    public void Parse_NumberWithUnit_IsTheTime(string text, double expected) => Seconds.Parse(text).ShouldBe(new Seconds(expected));

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("min")]
    [InlineData("10m")]
    [InlineData("1,5s")]
    [InlineData("10 minutes")]
    public void Parse_AnythingElse_IsNull(string text) => Seconds.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData(90, "1.5min")]
    [InlineData(600, "10min")]
    [InlineData(4_665_600, "54d")]
    [InlineData(0.02, "20ms")]
    [InlineData(0, "0s")]
    [InlineData(61.23456, "61.23456s")]
    public void ToString_Time_IsShortAndExact(double seconds, string expected) => new Seconds(seconds).ToString().ShouldBe(expected);

    [Theory]
    [InlineData(522, "8.70min")]
    [InlineData(11_139, "3.09h")]
    [InlineData(0, "0.00s")]
    public void ToShortString_Time_HasThreeDigits(double seconds, string expected) => new Seconds(seconds).ToShortString().ShouldBe(expected);

    [Fact]
    public void Parse_OfToString_IsIdentity() => Gen.Double[0, 1e9].Select(Gen.Int[0, 9], (value, digits) => Math.Round(value, digits))
        .Sample(value => Seconds.Parse(new Seconds(value).ToString()) == new Seconds(value), seed: "0000KOIKhKZ3");

    [Fact]
    public void FindProblem_Negative_GivesTheLeast() =>
        new Seconds(-90).FindProblem("recovery.restart").ShouldBe("recovery.restart is -1.5min, but a time cannot be negative. The least is 0s.");
}
