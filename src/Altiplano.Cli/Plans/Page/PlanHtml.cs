using System.Globalization;
using System.Text;
using Altiplano.Planning;
using Altiplano.Training.Loop.Report;

namespace Altiplano.Cli.Plans.Page;

/// <summary>What the sections of a plan's page are made of; texts are escaped.</summary>
internal static class PlanHtml
{
    /// <summary>Name of a column of bars, which is left out where the page is narrow.</summary>
    public const string Bars = "|";

    /// <summary>The same, less wide.</summary>
    public const string ThinBars = "||";

    public static StringBuilder Heading(this StringBuilder html, string title, string aside = "") =>
        html.Append($"<h2>{HtmlPage.Escape(title)}{(aside.Length > 0 ? $"<small>{HtmlPage.Escape(aside)}</small>" : "")}</h2>");

    public static StringBuilder Say(this StringBuilder html, string text) => html.Append($"<p class=\"say\">{HtmlPage.Escape(text)}</p>");

    public static StringBuilder Figure(this StringBuilder html, string title, string unit, string drawing, string legend = "") => html.Append(
        $"<figure><figcaption><b>{HtmlPage.Escape(title)}</b><span class=\"unit\">{HtmlPage.Escape(unit)}</span></figcaption>")
        .Append(drawing).Append(legend.Length > 0 ? $"<div class=\"legend\">{legend}</div>" : "").Append("</figure>");

    /// <summary>A name with its colour, for a legend.</summary>
    public static string Key(string colour, string name, bool isStroke = false) =>
        $"<span><i class=\"key {colour}{(isStroke ? " stroke" : "")}\"></i>{HtmlPage.Escape(name)}</span>";

    /// <summary>What a figure rests on, as a badge.</summary>
    public static string Grade(Evidence evidence) => $"<span class=\"grade c-blue {evidence.ToString().ToLowerInvariant()}\">{EvidenceWords.Show(evidence)}</span>";


    public static StringBuilder Cell(this StringBuilder html, string text, string kind = "") =>
        html.Append(kind.Length > 0 ? $"<td class=\"{kind}\">" : "<td>").Append(HtmlPage.Escape(text)).Append("</td>");

    /// <summary>Opens a table that scrolls where the page is too narrow for it.</summary>
    /// <param name="names">Of the columns; one that starts with <c>&lt;</c> is to the left.</param>
    public static StringBuilder BeginTable(this StringBuilder html, params string[] names)
    {
        html.Append("<div class=\"scroll\"><table><tr>");
        foreach (var name in names)
            html.Append(name is Bars or ThinBars ? $"<th class=\"bar{(name == ThinBars ? " thin" : "")}\"></th>" : name.StartsWith('<') ? $"<th class=\"l\">{HtmlPage.Escape(name[1..])}</th>" : $"<th>{HtmlPage.Escape(name)}</th>");
        return html.Append("</tr>");
    }

    public static StringBuilder EndTable(this StringBuilder html) => html.Append("</table></div>");

    public static string F(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
