using System.Globalization;
using System.Text;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Pages;

/// <summary>Elements of a drawing; colours and fonts come from the style sheet by class names, texts are escaped.</summary>
internal static class Svg
{
    /// <summary>A length in pixels.</summary>
    public static string N(double pixels) => pixels.ToString("0.#", CultureInfo.InvariantCulture);

    public static StringBuilder Begin(double width, double height, string label) => new(
        $"<svg viewBox=\"0 0 {N(width)} {N(height)}\" role=\"img\" aria-label=\"{HtmlPage.Escape(label)}\">");

    public static string End(StringBuilder svg) => svg.Append("</svg>").ToString();

    public static StringBuilder Line(this StringBuilder svg, string kind, double x1, double y1, double x2, double y2) =>
        svg.Append($"<line class=\"{kind}\" x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\"/>");

    /// <param name="y">Of the line that letters stand on.</param>
    /// <param name="anchor">Which end lies at <paramref name="x"/>: <c>start</c>, <c>middle</c> or <c>end</c>.</param>
    public static StringBuilder Text(this StringBuilder svg, string kind, double x, double y, string text, string anchor = "start") =>
        svg.Append($"<text class=\"{kind}\" x=\"{N(x)}\" y=\"{N(y)}\" text-anchor=\"{anchor}\">{HtmlPage.Escape(text)}</text>");

    /// <param name="tip">What is shown while the pointer rests on it.</param>
    public static StringBuilder Box(this StringBuilder svg, string kind, double x, double y, double width, double height, string tip, double radius = 0) =>
        svg.Append($"<rect class=\"{kind}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(Math.Max(0, width))}\" height=\"{N(Math.Max(0, height))}\" rx=\"{N(radius)}\">")
            .Append($"<title>{HtmlPage.Escape(tip)}</title></rect>");

    public static StringBuilder Curve(this StringBuilder svg, string kind, IEnumerable<(double X, double Y)> points) =>
        svg.Append($"<polyline class=\"{kind}\" points=\"{Path(points)}\"/>");

    public static StringBuilder Area(this StringBuilder svg, string kind, IEnumerable<(double X, double Y)> points) =>
        svg.Append($"<polygon class=\"{kind}\" points=\"{Path(points)}\"/>");

    private static string Path(IEnumerable<(double X, double Y)> points) => string.Join(' ', points.Select(p => $"{N(p.X)},{N(p.Y)}"));
}
