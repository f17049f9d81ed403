using System.Text;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Pages;

/// <summary>A part of a bar.</summary>
/// <param name="Share">Of the bar's full width.</param>
/// <param name="Colour">A class of the style sheet.</param>
/// <param name="Tip">What is shown while the pointer rests on it.</param>
internal readonly record struct BarPart(double Share, string Colour, string Tip);

/// <summary>A bar of coloured parts that is as wide as the page lets it be.</summary>
internal static class StackedBar
{
    /// <param name="mark">Where a line is drawn across the bar, as a share of its width; none unless given.</param>
    public static void Append(StringBuilder html, IEnumerable<BarPart> parts, double? mark = null)
    {
        html.Append("<div class=\"stack\">");
        foreach (var part in parts.Where(p => p.Share > 0))
            html.Append($"<i class=\"{part.Colour}\" style=\"width:{Percent(part.Share)}\" title=\"{HtmlPage.Escape(part.Tip)}\"></i>");
        if (mark is { } place)
            html.Append($"<b style=\"left:{Percent(place)}\"></b>");
        html.Append("</div>");
    }

    private static string Percent(double share) => share.ToString("0.###%", System.Globalization.CultureInfo.InvariantCulture);
}
