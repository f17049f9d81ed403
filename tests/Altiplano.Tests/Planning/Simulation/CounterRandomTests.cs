using Altiplano.Planning.Simulation;

namespace Altiplano.Tests.Planning.Simulation;

public sealed class CounterRandomTests
{
    [Fact]
    public void NextExponential_ManyDraws_HasMeanAndVarianceOfTheLaw()
    {
        var random = new CounterRandom(1, 0);
        double[] draws = [.. Enumerable.Range(0, 1_000_000).Select(_ => random.NextExponential(3))];

        draws.Average().ShouldBe(3, 0.012);
        draws.Sum(x => (x - 3) * (x - 3) / draws.Length).ShouldBe(9, 0.1);
        draws.Min().ShouldBeGreaterThanOrEqualTo(0);
    }

    [Fact]
    public void NextUniform_NeighbouringSeedsAndStreams_AreNotCorrelated()
    {
        var (a, b, c) = (new CounterRandom(1, 0), new CounterRandom(2, 0), new CounterRandom(1, 1));
        var (withSeed, withStream) = (0.0, 0.0);
        const int Draws = 1_000_000;
        for (var i = 0; i < Draws; i++)
        {
            var x = a.NextUniform() - 0.5;
            withSeed += x * (b.NextUniform() - 0.5) * 12 / Draws;
            withStream += x * (c.NextUniform() - 0.5) * 12 / Draws;
        }

        withSeed.ShouldBe(0, 0.004);
        withStream.ShouldBe(0, 0.004);
    }

    [Fact]
    public void NextUniform_SameSeed_IsTheSame() =>
        new CounterRandom(9, 2).NextUniform().ShouldBe(new CounterRandom(9, 2).NextUniform());
}
