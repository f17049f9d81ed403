using Altiplano.Planning.Reliability;
using CsCheck;

namespace Altiplano.Tests.Planning.Reliability;

public sealed class SparePoolTests
{
    /// <summary>Erlang's table: 5 lines, load 3: 11.0 % blocked; 1 line, load 1: one half.</summary>
    [Theory]
    [InlineData(0, 1, 0.5)]
    [InlineData(4, 3, 0.110054)]
    [InlineData(9, 5, 0.018385)]
    public void WaitingShare_KnownLoads_AreErlangs(int spares, double load, double expected) =>
        SparePool.WaitingShare(spares, load).ShouldBe(expected, 1e-6);

    [Fact]
    public void WaitingShare_MoreSpares_WaitsLess() =>
        Gen.Int[0, 500].Select(Gen.Double[0.01, 800]).Sample(
            (spares, load) => SparePool.WaitingShare(spares + 1, load) <= SparePool.WaitingShare(spares, load), seed: "0000KOIKhKZ3");

    /// <summary>With many replicas births hardly fall, and n is Poisson: E[(n - 0)+] is the load.</summary>
    [Fact]
    public void MeanUncovered_NoSpareAndManyReplicas_IsTheLoad() =>
        SparePool.MeanUncovered(0, 5, 1_000_000).ShouldBe(5, 1e-4);

    [Fact]
    public void MeanUncovered_OneReplica_IsErlangs() =>
        Gen.Int[0, 300].Select(Gen.Double[0.1, 300]).Sample(
            (spares, load) => Math.Abs(SparePool.MeanUncovered(spares, load, 1) - SparePool.WaitingShare(spares, load)) < 1e-12,
            seed: "0000KOIKhKZ3");

    [Fact]
    public void MeanUncovered_LargeLoad_DoesNotUnderflow() => SparePool.MeanUncovered(900, 1000, 1_000_000).ShouldBe(100, 0.1);
}
