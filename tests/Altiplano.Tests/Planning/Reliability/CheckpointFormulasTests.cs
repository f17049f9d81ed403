using Altiplano.Planning.Reliability;
using CsCheck;

namespace Altiplano.Tests.Planning.Reliability;

public sealed class CheckpointFormulasTests
{
    /// <summary>8 GPUs a server; recovery and blocking time; the best interval; percent of the time that trains.</summary>
    [Theory]
    [InlineData(3.79, 24_576, 124, 81.0, 92.6, 96.9)]
    [InlineData(3.79, 100_000, 30, 55.1, 81.4, 92.3)]
    [InlineData(3.79, 350_000, 8.7, 18.8, 57.8, 81.5)]
    [InlineData(6.50, 24_576, 72, 73, 90, 96)]
    [InlineData(6.50, 100_000, 17.7, 40, 73, 89)]
    [InlineData(6.50, 350_000, 5.06, 7, 42, 73)]
    public void EffectiveRatio_ClustersAndPolicies_AreTheTableOfThePlan(
        double rate, int gpus, double minutes, double fromDisk, double fromMemory, double fromPeer)
    {
        var mean = ReliabilityCases.Uniform(rate).MeanTimeBetweenFailures(gpus / 8, 8).Value;

        (mean / 60).ShouldBe(minutes, minutes * 0.015);
        Percent(600, 60).ShouldBe(fromDisk, 0.5);
        Percent(180, 10).ShouldBe(fromMemory, 0.5);
        Percent(60, 2).ShouldBe(fromPeer, 0.5);

        double Percent(double recovery, double blocking) =>
            100 * CheckpointFormulas.EffectiveRatio(mean, recovery, blocking, GoldenSection.Maximum(
                mean * 1e-4, mean, (mean, blocking), static (in (double Mean, double Blocking) k, double tau) =>
                    CheckpointFormulas.EffectiveRatio(k.Mean, 0, k.Blocking, tau)));
    }

    /// <summary>1 - (R + tau / 2) / M - delta / tau: Kokolis et al. 2024 (arXiv 2410.21680).</summary>
    [Fact]
    public void EffectiveRatio_RareFailures_IsTheFirstOrder() =>
        (from mean in Gen.Double[1e6, 1e8]
         from recovery in Gen.Double[1, 1000]
         from blocking in Gen.Double[0.1, 10]
         from tau in Gen.Double[1000, 5000]
         select (mean, recovery, blocking, tau)).Sample(
            c => Math.Abs(CheckpointFormulas.EffectiveRatio(c.mean, c.recovery, c.blocking, c.tau) -
                (1 - (c.recovery + c.tau / 2) / c.mean - c.blocking / c.tau)) < 2e-4,
            seed: "0000KOIKhKZ3");

    [Theory]
    [InlineData(1e-12)]
    [InlineData(9.99e-6)]
    [InlineData(1.01e-5)]
    public void Expm1_SmallArguments_AreExact(double x) =>
        CheckpointFormulas.Expm1(x).ShouldBe(x + (x * x / 2) + (x * x * x / 6), x * 1e-10);
}
