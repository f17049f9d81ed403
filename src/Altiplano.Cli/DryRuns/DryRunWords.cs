using Altiplano.Cli.Plans;
using Altiplano.Distributed;
using Altiplano.Planning.Costs.Steps;
using Altiplano.Planning.Units;
using Spectre.Console;

namespace Altiplano.Cli.DryRuns;

/// <summary>Figures and tables of a traced step as people read them.</summary>
internal static class DryRunWords
{
    private const int BarWidth = 40;
    private const int Unbroken = 1_000_000;

    public static string Bytes(long bytes) => new Bytes(bytes).ToString();

    public static string Flops(double flops) => new Flops(flops).ToString();

    public static string Share(double part, double whole) => whole > 0 ? PlanWords.Percent(part / whole) : "";

    public static string Bar(double share) => new('█', (int)Math.Round(BarWidth * Math.Clamp(share, 0, 1)));

    /// <summary>A group in short: <c>5, 13, 21, ... 1,021</c>.</summary>
    public static string Describe(RankGroup members) => members.Count <= 8
        ? string.Join(", ", Enumerable.Range(0, members.Count).Select(i => $"{members[i]:N0}"))
        : $"{members[0]:N0}, {members[1]:N0}, {members[2]:N0}, ... {members[members.Count - 1]:N0}";

    /// <summary>A part of memory in the words of the page.</summary>
    public static string Name(StepPart part) => part switch
    {
        StepPart.Weights => "weights",
        StepPart.GatheredWeights => "gathered weights",
        StepPart.Gradients => "gradients",
        StepPart.GradientBuffers => "gradients of a microbatch",
        StepPart.Optimizer => "optimizer",
        StepPart.Activations => "activations",
        StepPart.Messages => "pipeline messages",
        StepPart.Temporaries => "temporaries",
        _ => "rotary tables",
    };

    /// <summary>The same as a key of JSON.</summary>
    public static string Key(StepPart part) => Name(part).Replace(' ', '_');

    public static Table Columns(params string[] names)
    {
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (var name in names)
            table.AddColumn(name);
        return table;
    }

    /// <summary>A row of plain text: names may have brackets, which markup would read.</summary>
    public static void AddLine(this Table table, params string[] cells) => table.AddRow([.. cells.Select(cell => new Text(cell))]);

    /// <summary>Breaks no line of its own: a terminal does, and a file keeps sentences whole.</summary>
    public static IAnsiConsole ConsoleOn(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = Unbroken;
        return console;
    }
}
