using Altiplano.Planning.Units;
using CsCheck;

namespace Altiplano.Tests.Planning.Units;

public sealed class FailureRateTests
{
    [Theory]
    [InlineData("6.5/1000 server-days", 6.5, 1000, Exposure.ServerDays)]
    [InlineData("148 / 110592 server-days", 148, 110_592, Exposure.ServerDays)]
    [InlineData("0.0004/gpu-day", 0.0004, 1, Exposure.GpuDays)]
    [InlineData("-1/server-day", -1, 1, Exposure.ServerDays)]
    public void Parse_CountOverExposure_IsTheRate(string text, double count, double over, Exposure unit) =>
        FailureRate.Parse(text).ShouldBe(new FailureRate(count, over, unit));

    [Theory]
    [InlineData("6.5")]
    [InlineData("6.5/1000")]
    [InlineData("6.5/1000 servers")]
    [InlineData("6.5/0 server-days")]
    [InlineData("/server-day")]
    [InlineData("6.5 server-days")]
    public void Parse_AnythingElse_IsNull(string text) => FailureRate.Parse(text).ShouldBeNull();

    [Fact]
    public void PerServerSecond_GpuDays_CountsEachGpu() =>
        FailureRate.Parse("1/gpu-day")!.Value.PerServerSecond(8).ShouldBe(8 / 86_400.0, 1e-15);

    [Fact]
    public void PerServerSecond_ServerDays_IgnoresGpus() =>
        FailureRate.Parse("1/server-day")!.Value.PerServerSecond(8).ShouldBe(1 / 86_400.0, 1e-15);

    [Fact]
    public void Parse_OfToString_IsIdentity() =>
        (from count in Gen.Double[0, 1e6]
         from over in Gen.OneOf(Gen.Const(1.0), Gen.Double[1e-3, 1e9])
         from gpus in Gen.Bool
         select new FailureRate(count, over, gpus ? Exposure.GpuDays : Exposure.ServerDays))
        .Sample(rate => FailureRate.Parse(rate.ToString()) == rate, seed: "0000KOIKhKZ3");

    [Theory]
    [InlineData(-6.5, 1000, "rates.gpu.rate is -6.5/1000 server-days, but a rate cannot be negative. The least is 0/1000 server-days.")]
    [InlineData(1, 0, "rates.gpu.rate is 1/0 server-days, but failures are counted over an exposure above 0. Write 6.5/1000 server-days.")]
    public void FindProblem_ImpossibleRate_SaysWhy(double count, double over, string problem) =>
        new FailureRate(count, over, Exposure.ServerDays).FindProblem("rates.gpu.rate").ShouldBe(problem);
}
