using System.Globalization;
using Altiplano.Planning;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Plans;

/// <summary>Figures of a plan as people read them.</summary>
internal static class PlanWords
{
    private const double GiB = 1L << 30;

    public static string Days(double seconds) => seconds switch
    {
        < 2 * 3600 => $"{N(seconds / 60)} min",
        < 2 * 86400 => $"{N(seconds / 3600)} h",
        _ => $"{N(seconds / 86400)} days",
    };

    public static string Step(double seconds) => seconds < 1 ? $"{N(seconds * 1e3)} ms" : $"{N(seconds)} s";

    public static string Gibibytes(double bytes) => $"{N(bytes / GiB)} GiB";

    public static string Megawatts(double watts) => watts < 1e6 ? $"{N(watts / 1e3)} kW" : $"{N(watts / 1e6)} MW";

    public static string Energy(double joules) => (joules / 3.6e9) switch
    {
        < 1 => $"{N(joules / 3.6e6)} kWh",
        < 1000 => $"{N(joules / 3.6e9)} MWh",
        _ => $"{N(joules / 3.6e12)} GWh",
    };

    public static string Money(double dollars) => dollars switch
    {
        < 1e3 => $"${N(dollars)}",
        < 1e6 => $"${N(dollars / 1e3)}k",
        < 1e9 => $"${N(dollars / 1e6)}M",
        _ => $"${N(dollars / 1e9)}B",
    };

    public static string Count(double number) => number switch
    {
        < 1e4 => $"{number:N0}",
        < 1e6 => $"{N(number / 1e3)}k",
        < 1e9 => $"{N(number / 1e6)}M",
        < 1e12 => $"{N(number / 1e9)}B",
        _ => $"{N(number / 1e12)}T",
    };

    public static string Score(Objective objective, double score) => objective switch
    {
        Altiplano.Planning.Search.Objective.Time => Days(score),
        Altiplano.Planning.Search.Objective.Cost => Money(score),
        _ => Energy(score),
    };

    /// <summary>What a score of the objective is called.</summary>
    public static string Objective(Objective objective) => objective switch
    {
        Altiplano.Planning.Search.Objective.Time => "time",
        Altiplano.Planning.Search.Objective.Cost => "cost",
        _ => "energy",
    };

    public static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Both ends of an interval: <c>55.3 to 69.5 days</c>.</summary>
    public static string Range(Figure figure, Func<double, string> show)
    {
        var (low, high) = (show(figure.Low), show(figure.High));
        var unit = low.LastIndexOf(' ');
        return unit > 0 && high.EndsWith(low[unit..], StringComparison.Ordinal) ? $"{low[..unit]} to {high}" : $"{low} to {high}";
    }

    /// <summary>A change with its sign: 0.021 is <c>+2.1 %</c>.</summary>
    public static string Change(double share) => Math.Abs(share) < 0.00005
        ? "as it is"
        : (share * 100).ToString(Math.Abs(share) < 0.00995 ? "+0.00;-0.00" : "+0.0;-0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Why HFU is not MFU where no layer is recomputed; null where there is nothing to explain.</summary>
    public static string? WhyHfuDiffers(in Layout layout, double mfu, double hfu) => layout.Recompute == Recompute.None && hfu > mfu * 1.001
        ? "HFU is above MFU though no layer is recomputed: attention computes its scores again in the backward pass" +
            (layout.Pp > 1 ? ", and HFU is of the slowest pipeline rank." : ".")
        : null;

    /// <summary>Degrees in the order of the mesh, those of 1 left out: <c>pp 16x8 dp 8x16 tp 8</c>.</summary>
    public static string Mesh(in Layout layout)
    {
        var parts = new List<string>();
        if (layout.Pp > 1)
            parts.Add($"pp {layout.Pp}{(layout.VirtualStages > 1 ? $"x{layout.VirtualStages}" : "")}");
        parts.Add(layout.DpReplicate > 1 ? $"dp {layout.DpReplicate}x{layout.DpShard}" : $"dp {layout.DpShard}");
        if (layout.Cp > 1)
            parts.Add($"cp {layout.Cp}");
        parts.Add($"tp {layout.Tp}");
        if (layout.Ep > 1)
            parts.Add($"ep {layout.Ep}");
        return string.Join(' ', parts);
    }

    /// <summary>Three significant digits.</summary>
    private static string N(double number) =>
        number.ToString(Math.Abs(number) switch { >= 99.95 => "N0", >= 9.995 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
