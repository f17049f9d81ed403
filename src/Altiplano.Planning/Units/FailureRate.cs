using System.Globalization;

namespace Altiplano.Planning.Units;

/// <summary>What is watched while failures are counted.</summary>
public enum Exposure
{
    /// <summary>One server for one day.</summary>
    ServerDays,
    /// <summary>One GPU for one day.</summary>
    GpuDays,
}

/// <summary>
/// Failures counted over an exposure, kept as published: 6.5 in 1000 server-days, or 148 in 54 days x 2,048 servers = 110592.
/// </summary>
public readonly record struct FailureRate(double Count, double Over, Exposure Unit)
{
    private static readonly (string Name, Exposure Unit)[] Names =
    [
        ("server-days", Exposure.ServerDays), ("server-day", Exposure.ServerDays),
        ("gpu-days", Exposure.GpuDays), ("gpu-day", Exposure.GpuDays),
    ];

    public static FailureRate PerThousandServerDays(double count) => new(count, 1000, Exposure.ServerDays);

    /// <summary>
    /// Reads <c>6.5/1000 server-days</c>, <c>148/110592 server-days</c>, <c>0.0004/gpu-day</c>; null for anything else.
    /// </summary>
    public static FailureRate? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || QuantityText.ParseNumber(text.AsSpan(0, slash).Trim()) is not { } count)
            return null;
        var exposure = text.AsSpan(slash + 1).Trim();
        var space = exposure.IndexOf(' ');
        var over = space < 0 ? 1 : QuantityText.ParseNumber(exposure[..space]);
        var unit = space < 0 ? exposure : exposure[(space + 1)..].Trim();
        foreach (var (name, value) in Names)
        {
            if (unit.SequenceEqual(name) && over is > 0)
                return new FailureRate(count, over.Value, value);
        }

        return null;
    }

    /// <summary>Failures a second of one server with that many GPUs.</summary>
    public double PerServerSecond(int gpusPerServer) =>
        Count / Over / Seconds.PerDay * (Unit == Exposure.GpuDays ? gpusPerServer : 1);

    /// <summary>Null for a rate that can be: a finite count of 0 or more over a positive exposure.</summary>
    public string? FindProblem(string path)
    {
        if (!(Over > 0) || !double.IsFinite(Over))
            return $"{path} is {this}, but failures are counted over an exposure above 0. Write 6.5/1000 server-days.";
        if (!(Count >= 0) || !double.IsFinite(Count))
            return $"{path} is {this}, but a rate cannot be negative. The least is {this with { Count = 0 }}.";
        return null;
    }

    /// <summary><see cref="Parse"/> reads it back.</summary>
    public override string ToString()
    {
        var unit = Unit == Exposure.ServerDays ? "server-day" : "gpu-day";
        var count = Count.ToString("R", CultureInfo.InvariantCulture);
        return Over == 1 ? $"{count}/{unit}" : $"{count}/{Over.ToString("R", CultureInfo.InvariantCulture)} {unit}s";
    }
}
