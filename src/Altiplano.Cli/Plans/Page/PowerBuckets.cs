using Altiplano.Planning.Simulation;

namespace Altiplano.Cli.Plans.Page;

/// <summary>Power over a stretch of time, as narrow as a drawing shows it; megawatts and seconds.</summary>
internal readonly record struct PowerBucket(double Middle, double Least, double Mean, double Most);

internal static class PowerBuckets
{
    /// <summary>Least, mean and most of each of <paramref name="count"/> stretches of the same length.</summary>
    /// <param name="samples">In the order of time, without gaps.</param>
    public static IReadOnlyList<PowerBucket> Of(IEnumerable<PowerSample> samples, double seconds, int count)
    {
        var width = seconds / count;
        var (least, most, energy, time) = (new double[count], new double[count], new double[count], new double[count]);
        Array.Fill(least, double.PositiveInfinity);
        foreach (var sample in samples)
        {
            var (start, end) = (sample.Start.Value, Math.Min(seconds, sample.Start.Value + sample.Length.Value));
            for (var i = (int)(start / width); i < count && i * width < end; i++)
            {
                var inside = Math.Min(end, (i + 1) * width) - Math.Max(start, i * width);
                (least[i], most[i]) = (Math.Min(least[i], sample.Megawatts), Math.Max(most[i], sample.Megawatts));
                (energy[i], time[i]) = (energy[i] + inside * sample.Megawatts, time[i] + inside);
            }
        }

        return [.. Enumerable.Range(0, count).Where(i => time[i] > 0).Select(i => new PowerBucket((i + 0.5) * width, least[i], energy[i] / time[i], most[i]))];
    }
}
