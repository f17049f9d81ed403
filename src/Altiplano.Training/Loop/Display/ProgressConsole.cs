namespace Altiplano.Training.Loop.Display;

/// <summary>Lines of text over a progress bar that stays at the bottom; only the lines where nobody watches.</summary>
/// <param name="width">Columns of the terminal; null where the output is no terminal.</param>
public sealed class ProgressConsole(TextWriter output, int? width) : IDisposable
{
    private const string ClearLine = "\r\e[2K";
    private const string Eighths = " ▏▎▍▌▋▊▉";
    private const int LongestBar = 40;

    private string _bar = "";

    /// <summary>Standard output, with a bar where it is a terminal.</summary>
    public static ProgressConsole OnStandardOutput()
    {
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        return new ProgressConsole(Console.Out, isTerminal && Console.WindowWidth > 0 ? Console.WindowWidth : null);
    }

    public void WriteLine(string line)
    {
        if (_bar.Length > 0)
            output.Write(ClearLine);
        output.WriteLine(line);
        output.Write(_bar);
        output.Flush();
    }

    /// <summary>Moves the bar.</summary>
    /// <param name="done">Share of the work, 0 to 1.</param>
    /// <param name="caption">Stands behind the bar; cut where the line ends.</param>
    public void Show(double done, string caption)
    {
        if (width is not { } columns)
            return;
        done = Math.Clamp(done, 0, 1);
        var text = $" {done:0%} {caption}";
        var cells = Math.Min(LongestBar, columns - text.Length - 3);
        var line = cells >= 5 ? $"▕{Cells(done, cells)}▏{text}" : text;
        _bar = line[..Math.Min(line.Length, columns - 1)];
        output.Write(ClearLine + _bar);
        output.Flush();
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        if (_bar.Length > 0)
            output.Write(ClearLine);
        _bar = "";
        output.Flush();
    }

    /// <summary>A bar of <paramref name="cells"/> columns, exact to an eighth of one.</summary>
    private static string Cells(double done, int cells)
    {
        var eighths = (int)Math.Round(done * cells * 8);
        var partial = eighths % 8 == 0 ? "" : Eighths[eighths % 8].ToString();
        return (new string('█', eighths / 8) + partial).PadRight(cells);
    }
}
