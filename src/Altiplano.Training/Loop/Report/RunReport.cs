using System.Text;

namespace Altiplano.Training.Loop.Report;

/// <summary>report.html: one file that shows a run in pictures and needs nothing else, no network and no script.</summary>
public static class RunReport
{
    /// <summary>Writes the report of a run folder from the files in it.</summary>
    /// <param name="settings">Keys and values of its config.yaml.</param>
    /// <exception cref="IOException">metrics.jsonl is missing, or a file is not what a run writes.</exception>
    public static void Write(RunFolder folder, IReadOnlyList<(string Key, string Value)> settings) =>
        File.WriteAllText(folder.Report, ToHtml(ReportInputs.Load(folder, settings)));

    public static string ToHtml(ReportInputs run)
    {
        var html = HtmlPage.Begin(run.Name, Subtitle(run));
        ReportTiles.Append(html, run.History);
        ReportCharts.Append(html, run.History);
        AppendSamples(html, run.Samples);
        AppendTable(html, "Settings", run.Settings);
        AppendTable(html, "Environment", run.Environment);
        return HtmlPage.End(html);
    }

    private static string Subtitle(ReportInputs run)
    {
        string[] facts =
        [
            Find(run.Settings, "model.name") is { } model ? $"Model {model}" : "A training run",
            .. Optional(Find(run.Environment, "cpu")),
            .. Optional(Find(run.Environment, "time")),
            "every figure measured during the run",
        ];
        return string.Join(" · ", facts);
    }

    private static void AppendSamples(StringBuilder html, IReadOnlyList<GeneratedSample> samples)
    {
        if (samples.Count == 0)
            return;
        html.Append("<h2>Samples</h2>");
        foreach (var sample in samples)
            html.Append($"<div class=\"sample\"><b>{HtmlPage.Escape(sample.Prompt)}</b>{HtmlPage.Escape(sample.Text)}</div>");
    }

    private static void AppendTable(StringBuilder html, string title, IReadOnlyList<(string Key, string Value)> rows)
    {
        if (rows.Count == 0)
            return;
        html.Append($"<h2>{title}</h2><div class=\"table\">");
        foreach (var (key, value) in rows)
            html.Append($"<div><span>{HtmlPage.Escape(key)}</span><code>{HtmlPage.Escape(value)}</code></div>");
        html.Append("</div>");
    }

    private static string? Find(IReadOnlyList<(string Key, string Value)> rows, string key) =>
        rows.Where(row => row.Key == key).Select(row => row.Value).FirstOrDefault();

    private static string[] Optional(string? fact) => fact is null ? [] : [fact];
}
