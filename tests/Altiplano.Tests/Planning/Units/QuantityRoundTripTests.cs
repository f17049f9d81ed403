using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Units;

/// <summary>What a description says and what is written back: <c>ToString</c> and <c>Parse</c> of every quantity with a unit.</summary>
public sealed class QuantityRoundTripTests
{
    [Theory]
    [InlineData("3.6us", 3.6e-6, "3.6us")]
    [InlineData("25ms", 0.025, "25ms")]
    [InlineData("90s", 90, "1.5min")]
    [InlineData("10 min", 600, "10min")]
    [InlineData("1.8h", 6480, "1.8h")]
    [InlineData("54d", 4_665_600, "54d")]
    [InlineData("0s", 0, "0s")]
    public void Seconds_Text_IsReadAndShown(string text, double seconds, string shown)
    {
        Seconds.Parse(text).ShouldBe(new Seconds(seconds));
        new Seconds(seconds).ToString().ShouldBe(shown);
    }

    [Theory]
    [InlineData("700W", 700, "700W")]
    [InlineData("10.2kW", 10_200, "10.2kW")]
    [InlineData("150MW", 150e6, "150MW")]
    [InlineData("1.2GW", 1.2e9, "1.2GW")]
    [InlineData("0.5W", 0.5, "0.5W")]
    public void Watts_Text_IsReadAndShown(string text, double watts, string shown)
    {
        Watts.Parse(text).ShouldBe(new Watts(watts));
        new Watts(watts).ToString().ShouldBe(shown);
    }

    [Theory]
    [InlineData("3.35TB/s", 3.35e12, "3.35TB/s")]
    [InlineData("450GB/s", 450e9, "450GB/s")]
    [InlineData("400Gb/s", 50e9, "50GB/s")]
    [InlineData("100Mb/s", 12.5e6, "12.5MB/s")]
    [InlineData("3.6Tb/s", 450e9, "450GB/s")]
    [InlineData("7B/s", 7, "7B/s")]
    public void BytesPerSecond_Text_TellsBitsFromBytes(string text, double rate, string shown)
    {
        BytesPerSecond.Parse(text).ShouldBe(new BytesPerSecond(rate));
        new BytesPerSecond(rate).ToString().ShouldBe(shown);
    }

    [Theory]
    [InlineData("2.35$", 2.35, "2.35$")]
    [InlineData("250k$", 250_000, "250k$")]
    [InlineData("4.1M$", 4.1e6, "4.1M$")]
    [InlineData("38B$", 38e9, "38B$")]
    [InlineData("0.078$", 0.078, "0.078$")]
    public void Dollars_Text_IsReadAndShown(string text, double dollars, string shown)
    {
        Dollars.Parse(text).ShouldBe(new Dollars(dollars));
        new Dollars(dollars).ToString().ShouldBe(shown);
    }

    [Theory]
    [InlineData("989.4TFLOP/s", 989.4e12, "989.4TFLOP/s")]
    [InlineData("2.25PFLOP/s", 2.25e15, "2.25PFLOP/s")]
    public void FlopsPerSecond_Text_IsReadAndWritten(string text, double rate, string written)
    {
        FlopsPerSecond.Parse(text).ShouldBe(new FlopsPerSecond(rate));
        new FlopsPerSecond(rate).ToExactText().ShouldBe(written);
    }

    [Theory]
    [InlineData("81559MiB", "81559MiB")]
    [InlineData("240PB", "240PB")]
    [InlineData("80GiB", "80GiB")]
    [InlineData("2TB", "2TB")]
    [InlineData("2000GB", "2TB")]
    [InlineData("17B", "17B")]
    [InlineData("0B", "0B")]
    public void Bytes_ExactText_IsReadAndWritten(string text, string written) => Bytes.Parse(text)!.Value.ToExactText().ShouldBe(written);

    [Theory]
    [InlineData("700")]
    [InlineData("700 watts")]
    [InlineData("W")]
    [InlineData("")]
    [InlineData("700w")]
    [InlineData("7 0W")]
    public void Watts_AnythingElse_IsNull(string text) => Watts.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("450")]
    [InlineData("450GB")]
    [InlineData("450gb/s")]
    public void BytesPerSecond_AnythingElse_IsNull(string text) => BytesPerSecond.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("3")]
    [InlineData("3 sec")]
    public void Seconds_AnythingElse_IsNull(string text) => Seconds.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("3")]
    [InlineData("$3")]
    public void Dollars_AnythingElse_IsNull(string text) => Dollars.Parse(text).ShouldBeNull();

    [Theory]
    [InlineData("989")]
    [InlineData("989TFLOPS")]
    public void FlopsPerSecond_AnythingElse_IsNull(string text) => FlopsPerSecond.Parse(text).ShouldBeNull();

    /// <summary>So that a description's rule can say why it cannot be.</summary>
    [Fact]
    public void Parse_NegativeQuantity_IsRead()
    {
        Watts.Parse("-700W").ShouldBe(new Watts(-700));
        BytesPerSecond.Parse("-1GB/s").ShouldBe(new BytesPerSecond(-1e9));
        Dollars.Parse("-0.1$").ShouldBe(new Dollars(-0.1));
        FlopsPerSecond.Parse("-1TFLOP/s").ShouldBe(new FlopsPerSecond(-1e12));
    }

    [Fact]
    public void ToString_EveryPositiveValue_ReadsBackToTheLastBit() => Gen.Double[-12, 18].Select(power => Math.Pow(10, power)).Sample(
        value =>
            Seconds.Parse(new Seconds(value).ToString()) == new Seconds(value)
            && Watts.Parse(new Watts(value).ToString()) == new Watts(value)
            && BytesPerSecond.Parse(new BytesPerSecond(value).ToString()) == new BytesPerSecond(value)
            && Dollars.Parse(new Dollars(value).ToString()) == new Dollars(value)
            && FlopsPerSecond.Parse(new FlopsPerSecond(value).ToExactText()) == new FlopsPerSecond(value),
        seed: "0000KOIKhKZ3", iter: 2000, threads: 1);

    [Fact]
    public void ToExactText_EverySize_ReadsBack() => Gen.Long[0, long.MaxValue].Sample(
        value => Bytes.Parse(new Bytes(value).ToExactText()) == new Bytes(value), seed: "0000KOIKhKZ3", iter: 500, threads: 1);
}
