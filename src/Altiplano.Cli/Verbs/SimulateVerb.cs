using System.CommandLine;
using System.Text.Json;
using Altiplano.Cli.Plans;
using Altiplano.Cli.Simulations;
using Altiplano.Planning.Simulation;

namespace Altiplano.Cli.Verbs;

/// <summary><c>simulate RUN.yaml</c>, <c>simulate --model M --cluster C --tokens T</c>, or with flags: weeks or months of a run under failures, many times over.</summary>
internal static class SimulateVerb
{
    public static Command Create()
    {
        var run = new SimulateArguments();
        var seeds = new Option<int>("--seeds") { Description = "Runs played.", DefaultValueFactory = _ => 100 }.AtLeast(1, "counts runs");
        var firstSeed = new Option<long>("--first-seed")
        {
            Description = "Seed of the first run; the others follow.", DefaultValueFactory = _ => 1,
        };
        var asJson = new Option<bool>("--json") { Description = "Prints one JSON object." };
        var power = new Option<string?>("--power-trace") { Description = "Writes megawatts over time of the first run as CSV.", HelpName = "FILE" };
        var events = new Option<string?>("--events") { Description = "Writes what happened in the first run as JSON lines.", HelpName = "FILE" };
        var timeline = new Option<string?>("--timeline")
        {
            Description = "Writes one planned step, its pipeline played event by event, for ui.perfetto.dev.", HelpName = "FILE",
        };
        var html = new Option<string?>("--html") { Description = "Also writes the result as one page for a browser.", HelpName = "FILE" };
        var command = new Command("simulate", "Plays a run under failures, recovery, spares and slow servers, and says what it takes.")
        {
            seeds, firstSeed, asJson, power, events, timeline, html,
        };
        run.AddTo(command);
        command.SetAction(arguments =>
        {
            var problems = new ProblemCollector();
            problems.Try(() => OutputFile.Check(arguments, power, events, timeline, html));
            var question = problems.Try(() => run.Read(arguments));
            problems.ThrowIfAny();
            SimulationSize.Check(question!.Spec, arguments.GetValue(seeds));
            if (arguments.GetValue(timeline) is { } file)
                SimulationFiles.WriteTimeline(question.Plan, file);
            var first = arguments.GetValue(firstSeed);
            var result = Simulator.Run(question.Spec, first, arguments.GetValue(seeds), arguments.GetValue(run.Threads) ?? Environment.ProcessorCount);
            SimulationFiles.Write(question.Spec, first, arguments.GetValue(power), arguments.GetValue(events));
            if (arguments.GetValue(html) is { } page)
                File.WriteAllText(page, SimulationPage.Of(question, result));
            var output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(asJson))
                output.WriteLine(JsonSerializer.Serialize(SimulationAnswer.Of(question, result), SimulationJson.Default.SimulationAnswer));
            else
                SimulationTable.Write(question, result, output);
            return ExitCodes.Done;
        });
        return command;
    }
}
