using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Backtest;
using Altiplano.Planning.Hardware;

namespace Altiplano.Cli.Verbs;

/// <summary><c>backtest</c>: published runs computed again.</summary>
internal static class BacktestVerb
{
    private static readonly Option<string?> Cases = new("--cases")
    {
        Description = "Computes the runs of a JSON file instead of those that ship; docs/cases.md is its schema.", HelpName = "FILE",
    };

    private static readonly Option<bool> Runs = new("--runs") { Description = "Lists every run beside the table of errors." };

    private static readonly Option<bool> LeaveOneOut = new("--leave-one-out")
    {
        Description = "Also predicts each source, and then each half of the runs, with coefficients fitted to the others.",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Prints one JSON object." };

    private static readonly Option<bool> Keys = new("--keys") { Description = "Prints the schema of a file of cases as Markdown." };

    public static Command Create()
    {
        var command = new Command("backtest", "Computes published training runs again and prints how far the predictions are off.")
        {
            Cases, Runs, LeaveOneOut, Json, Keys,
        };
        command.SetAction(arguments =>
        {
            var output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(Keys))
                output.Write(CaseReference.ToMarkdown());
            else
                Answer(arguments, output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Answer(ParseResult arguments, TextWriter output)
    {
        var file = arguments.GetValue(Cases);
        var presets = PresetFolder.Shipped();
        var results = Evaluate(presets, file is null ? ShippedRuns(presets) : ReadCases(file));
        var leftOut = arguments.GetValue(LeaveOneOut) ? new HeldOutErrors(HeldOut.Sources(results), HeldOut.Halves(results)) : null;
        if (arguments.GetValue(Json))
            BacktestJson.Write(results, leftOut, withErrors: file is null, output);
        else
            BacktestTable.Write(results, leftOut, file is not null || arguments.GetValue(Runs), output);
    }

    private static List<CaseResult> Evaluate(PresetFolder presets, IEnumerable<PublishedRun> runs)
    {
        var (hardware, stacks) = (new HardwareCatalog(presets), new StackCatalog(presets));
        var servers = new Dictionary<string, ServerSpec>();
        var evaluator = new CaseEvaluator(new CaseMapper(Server), stacks.For);
        return [.. runs.Select(evaluator.Evaluate)];

        ServerSpec Server(string name) => servers.TryGetValue(name, out var server) ? server : servers[name] = hardware.Server(name);
    }

    private static IEnumerable<PublishedRun> ShippedRuns(PresetFolder presets) => new EvidenceCatalog(presets).Sources().SelectMany(s => s.Runs);

    private static IReadOnlyList<PublishedRun> ReadCases(string path)
    {
        try
        {
            return CaseFile.Read(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new ConfigException($"--cases is \"{path}\", which cannot be read. {problem.Message}");
        }
    }
}
