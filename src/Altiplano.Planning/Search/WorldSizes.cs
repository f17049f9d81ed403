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

    /// <summary>True for products of 2, 3, 5 and 7.</summary>
    private static bool IsSmooth(int number)
    {
        foreach (var prime in SmallPrimes)
        {
            while (number % prime == 0)
                number /= prime;
        }

        return number == 1;
    }
}
