using System.Net;
using System.Text;

namespace Altiplano.Training.Loop.Report;

/// <summary>The frame of our pages: each is one file that needs nothing else, no network and no script.</summary>
public static class HtmlPage
{
    /// <summary>Everything up to the title and what stands below it; texts are escaped.</summary>
    /// <param name="css">What the page adds to <see cref="ReportStyle"/>.</param>
    public static StringBuilder Begin(string title, string subtitle, string css = "") => new StringBuilder()
        .Append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>")
        .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>")
        .Append($"<title>{Escape(title)} · Altiplano</title><style>\n{ReportStyle.Css}\n{css}\n</style></head><body><main>")
        .Append($"<header><h1>{Escape(title)}</h1><p>{Escape(subtitle)}</p></header>");

    /// <summary>Closes what <see cref="Begin"/> opened.</summary>
    public static string End(StringBuilder html) => html.Append("</main></body></html>\n").ToString();

    /// <summary>Text that cannot be taken for markup, in an element or in a quoted attribute.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(text);
}
