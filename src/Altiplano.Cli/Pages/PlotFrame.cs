using System.Text;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Pages;

/// <summary>Where values lie in a drawing, and its scales.</summary>
/// <param name="IsLogarithmic">Of x.</param>
internal sealed record PlotFrame(double MinX, double MaxX, double MinY, double MaxY, int Width, int Height, bool IsLogarithmic = false)
{
    private const int Right = 14, Top = 12, Bottom = 40;

    public int Left { get; init; } = 46;

    public static double PlotTop => Top;
    public double PlotBottom => Height - Bottom;
    public double PlotRight => Width - Right;
    public double PlotWidth => Width - Left - Right;

    public double X(double value) => Left + PlotWidth * (IsLogarithmic
        ? Math.Log(value / MinX) / Math.Log(MaxX / MinX)
        : (value - MinX) / (MaxX - MinX));

    public double Y(double value) => PlotTop + (MaxY - value) / (MaxY - MinY) * (PlotBottom - PlotTop);

    /// <summary>Rules at round values, with their numbers at the left.</summary>
    /// <param name="show">Text of a value; as precise as the rules are apart unless given.</param>
    public PlotFrame Rows(StringBuilder svg, int atMost = 6, Func<double, string>? show = null)
    {
        var ticks = AxisTicks.Within(MinY, MaxY, atMost);
        foreach (var value in ticks.Values)
        {
            svg.Line("grid", Left, Y(value), PlotRight, Y(value));
            svg.Text("tick", Left - 7, Y(value) + 4, show is null ? ticks.Show(value) : show(value), "end");
        }

        return this;
    }

    /// <summary>Marks below the drawing, and what they count below them.</summary>
    public PlotFrame Columns(StringBuilder svg, IEnumerable<(double Value, string Label)> marks, string unit)
    {
        svg.Line("axis", Left, PlotBottom, PlotRight, PlotBottom);
        foreach (var (value, label) in marks)
        {
            svg.Line("axis", X(value), PlotBottom, X(value), PlotBottom + 4);
            svg.Text("tick", X(value), PlotBottom + 17, label, "middle");
        }

        svg.Text("tick", PlotRight, Height - 6, unit, "end");
        return this;
    }

    /// <summary>Round values of x, for <see cref="Columns"/>.</summary>
    public IEnumerable<(double, string)> RoundColumns(int atMost, double leastStep = double.Epsilon * 1e16)
    {
        var ticks = AxisTicks.Within(MinX, MaxX, atMost, leastStep);
        return ticks.Values.Select(value => (value, ticks.Show(value)));
    }
}
