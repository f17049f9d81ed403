namespace Altiplano.Planning.Search;

/// <summary>Divisors of whole numbers.</summary>
internal static class Divisors
{
    /// <summary>All of them, ascending.</summary>
    public static int[] Of(int number)
    {
        var divisors = new List<int>();
        for (var small = 1; (long)small * small <= number; small++)
        {
            if (number % small != 0)
                continue;
            divisors.Add(small);
            if (small != number / small)
                divisors.Add(number / small);
        }

        divisors.Sort();
        return [.. divisors];
    }
}
