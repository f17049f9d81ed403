using System.Text;

namespace Altiplano.Cli.Configuration;

/// <summary>Tables of keys in Markdown, as the reference pages have them.</summary>
internal static class KeyTable
{
    public static void AppendHead(StringBuilder page, string title) =>
        page.Append($"\n## {title}\n\n| key | value | default | |\n| --- | --- | --- | --- |\n");

    public static void AppendRow(StringBuilder page, KeyDescription key) =>
        page.Append($"| `{key.Path}` | {key.Kind} | {Code(key.Default)} | {key.Doc} |\n");

    private static string Code(string text) => text switch
    {
        KeyDescription.Required or KeyDescription.Absent => text,
        "" => KeyDescription.Absent,
        _ => $"`{text}`",
    };
}
