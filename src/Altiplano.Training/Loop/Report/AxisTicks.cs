using System.Globalization;

namespace Altiplano.Training.Loop.Report;

/// <summary>Round numbers along an axis: multiples of 1, 2, 2.5 or 5 times a power of ten.</summary>
/// <param name="Step">Distance of two ticks.</param>
public sealed record AxisTicks(IReadOnlyList<double> Values, double Step)
{
    /// <summary>The round numbers within a range.</summary>
    /// <param name="atMost">Most ticks wanted, 2 or more.</param>
    /// <param name="leastStep">Least distance of two ticks: 1 where only whole numbers make sense.</param>
    public static AxisTicks Within(double min, double max, int atMost, double leastStep = double.Epsilon * 1e16)
    {
        var roughStep = Math.Max((max - min) / Math.Max(atMost - 1, 1), leastStep);
        var power = Math.Pow(10, Math.Floor(Math.Log10(roughStep)));
        var step = new[] { 1, 2, 2.5, 5, 10 }.Select(m => m * power).First(s => s >= roughStep * 0.999999);
        var first = Math.Ceiling(min / step - 1e-9);
        var count = Math.Max(0, (int)Math.Floor(max / step + 1e-9 - first) + 1);
        return new AxisTicks([.. Enumerable.Range(0, count).Select(i => (first + i) * step)], step);
    }

    /// <summary>
    /// A tick's number with as many decimals as the distance of the ticks needs: <c>2.5</c>, <c>20k</c>, <c>3e-04</c>.
    /// </summary>
    public string Show(double value)
    {
        if (Math.Abs(value) < Step / 1000)
            return "0";
        if (Step < 1e-4)
            return value.ToString("0.##e-0", CultureInfo.InvariantCulture);
        return (Step, Math.Abs(value)) switch
        {
            ( >= 1e5, _) => Scaled(1e6, "M"),
            ( >= 1e2, >= 1e4) => Scaled(1e3, "k"),
            _ => value.ToString("F" + Decimals(Step), CultureInfo.InvariantCulture),
        };

        string Scaled(double unit, string suffix) =>
            (value / unit).ToString("F" + Decimals(Step / unit), CultureInfo.InvariantCulture) + suffix;
    }

    /// <summary>Digits after the point that tell multiples of <paramref name="step"/> apart.</summary>
    private static int Decimals(double step)
    {
        var decimals = 0;
        while (decimals < 6 && Math.Abs(step - Math.Round(step, decimals)) > step * 1e-6)
            decimals++;
        return decimals;
    }
}
