using Altiplano.Data.Sampling;
using CsCheck;

namespace Altiplano.Tests.Data.Sampling;

public sealed class KeyedPermutationTests
{
    [Fact]
    public void Item_AnyCountAndKey_IsABijection() =>
        Gen.Select(Gen.Int[1, 3000], Gen.ULong, Gen.UInt, Gen.UInt).Sample(
            (count, seed, stream, epoch) => AssertBijection(new KeyedPermutation(count, seed, stream, epoch)), seed: "0000000000000", iter: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_000)]
    public void Item_SpecialCount_IsABijection(int count) => AssertBijection(new KeyedPermutation(count, 1, 2, 3));

    [Fact]
    public void Item_HugeCount_StaysInRange()
    {
        const long count = (1L << 61) + 12_345;
        var permutation = new KeyedPermutation(count, 7, 0, 0);

        Enumerable.Range(0, 1000).Select(i => permutation[count - 1 - i]).ShouldAllBe(value => value >= 0 && value < count);
    }

    [Fact]
    public void Item_OtherSeedStreamOrEpoch_IsAnotherOrder()
    {
        var orders = new[] { (1UL, 0u, 0u), (2UL, 0u, 0u), (1UL << 32, 0u, 0u), (1UL, 1u, 0u), (1UL, 0u, 1u) }
            .Select(key => string.Join(' ', OrderOf(new KeyedPermutation(50, key.Item1, key.Item2, key.Item3))));

        orders.Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public void Item_ManyKeys_PutsTheFirstNumberEverywhereAlike()
    {
        const int count = 11;
        var hits = new int[count];
        for (var seed = 0UL; seed < 11_000; seed++)
            hits[new KeyedPermutation(count, seed, 0, 0)[0]]++;

        hits.ShouldAllBe(n => n > 850 && n < 1150); // 1000, five standard deviations of 30
    }

    private static void AssertBijection(KeyedPermutation permutation)
    {
        var seen = new bool[permutation.Count];
        foreach (var value in OrderOf(permutation))
        {
            seen[value].ShouldBeFalse();
            seen[value] = true;
        }
    }

    private static IEnumerable<long> OrderOf(KeyedPermutation permutation)
    {
        for (var i = 0L; i < permutation.Count; i++)
            yield return permutation[i];
    }
}
