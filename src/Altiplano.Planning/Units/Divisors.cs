namespace Altiplano.Planning.Units;

/// <summary>Numbers that divide another.</summary>
public static class Divisors
{
    /// <summary>The divisors of <paramref name="whole"/> next to a number that is none: <c>2 or 4</c> for 3 of 32.</summary>
    /// <param name="number">From 1; above <paramref name="whole"/> that itself is the nearest.</param>
    public static string Nearest(int number, int whole)
    {
        if (number > whole)
            return $"{whole}";
        var (below, above) = (number, number);
        while (whole % below != 0)
            below--;
        while (whole % above != 0)
            above++;
        return $"{below} or {above}";
    }
}
