using Altiplano.Data;
using Altiplano.Data.Sampling;
using CsCheck;

namespace Altiplano.Tests.Data.Sampling;

public sealed class MixturePeriodTests
{
    [Fact]
    public void Counts_AnyWeights_AreWithinOneOfTheExactShare() =>
        Gen.Double[0.01, 10].Array[1, 8].Sample(
            weights =>
            {
                var period = MixturePeriod.Of(weights);
                period.Counts.Sum().ShouldBe(MixturePeriod.NumSlots);
                for (var i = 0; i < weights.Length; i++)
                    ((double)period.Counts[i]).ShouldBe(weights[i] / weights.Sum() * MixturePeriod.NumSlots, 1.0);
            },
            seed: "0000000000000", iter: 200);

    [Fact]
    public void Item_AllSlots_GiveEachSampleOfEachDatasetOnceAscending()
    {
        var period = MixturePeriod.Of([0.8, 0.15, 0.05]);

        var slots = Enumerable.Range(0, MixturePeriod.NumSlots).Select(slot => period[slot]).ToList();

        period.Counts.ShouldBe([8000, 1500, 500]);
        for (var dataset = 0; dataset < 3; dataset++)
            slots.Where(slot => slot.Dataset == dataset).Select(slot => slot.Offset).ShouldBe(Enumerable.Range(0, period.Counts[dataset]));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Of_WeightThatIsNoShare_IsRefused(double weight) =>
        Should.Throw<DataFormatException>(() => MixturePeriod.Of([1, weight])).Message.ShouldBe(
            $"data.train[1].weight is {weight}; a number above 0 is needed. Leave the data set out to give it no share.");

    [Fact]
    public void Of_WeightTooSmallForASlot_IsRefused() =>
        Should.Throw<DataFormatException>(() => MixturePeriod.Of([1, 1e-6])).Message.ShouldBe(
            "data.train[1].weight is 1E-06 of 1.000001, a share below 1 in 20,000 samples, so it would never be seen. Raise " +
            "it or leave the data set out.");
}
