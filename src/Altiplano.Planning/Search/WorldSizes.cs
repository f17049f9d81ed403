namespace Altiplano.Planning.Search;

/// <summary>Numbers of GPUs below a given one that divide in many ways, for when no layout of all of them will do.</summary>
internal static class WorldSizes
{
    private static readonly int[] SmallPrimes = [2, 3, 5, 7];

    /// <summary>The next <paramref name="count"/> sizes of at most <paramref name="most"/> GPUs, largest first; whole servers where possible.</summary>
    public static IEnumerable<int> AtMost(int most, int gpusPerServer, int count)
    {
        var unit = most >= gpusPerServer ? gpusPerServer : 1;
        return Enumerable.Range(0, most / unit).Select(i => most / unit - i).Where(IsSmooth).Take(count).Select(n => n * unit);
    }

    /// <summary>Sizes from a tenth of <paramref name="most"/> up to all, about a tenth apart, largest first.</summary>
    public static IEnumerable<int> Below(int most, int gpusPerServer) =>
        Enumerable.Range(1, 9).Select(tenths => (int)((long)most * (10 - tenths) / 10))
            .SelectMany(size => AtMost(size, gpusPerServer, 1)).Distinct();

    /// <summary>True for products of 2, 3, 5 and 7.</summary>
    public static bool IsSmooth(int number)
    {
        foreach (var prime in SmallPrimes)
        {
            while (number % prime == 0)
                number /= prime;
        }

        return number == 1;
    }
}
