using System.CommandLine;
using Altiplano.Cli.DryRuns;
using Altiplano.Training.Tracing.Jobs;

namespace Altiplano.Cli.Verbs;

/// <summary><c>dryrun RUN.yaml --rank R</c>: one rank's step on shapes; <c>--check</c>: the whole job by classes of ranks.</summary>
internal static class DryRunVerb
{
    public static Command Create()
    {
        var run = new PlanVerbArguments();
        var rank = new Option<int>("--rank") { Description = "The rank whose step is traced.", HelpName = "RANK" }.AtLeast(0, "is a rank");
        var step = new Option<long>("--step") { Description = "Steps done before the one whose samples are listed." }.AtLeast(0, "counts steps");
        var check = new Option<bool>("--check")
        {
            Description = "Proves of the whole job that every message has its receiver, that all ranks of a group do the same collectives, and that none waits for ever.",
        };
        var plant = new Option<string?>("--plant")
        {
            Description = "With --check: breaks operation N of one rank first, to show that it is found: 3:drop:7; drop, resize or swap.",
            HelpName = "RANK:KIND:N",
        };
        var json = new Option<bool>("--json") { Description = "Prints everything as JSON, units in the names of the keys." };
        var command = new Command("dryrun", "Runs the real step of any rank of any job on shapes, without its machines, and says what it does.")
        {
            rank, step, check, plant, json,
        };
        run.AddTo(command);
        command.SetAction(arguments =>
        {
            var output = arguments.InvocationConfiguration.Output;
            var threads = arguments.GetValue(run.Threads) ?? Environment.ProcessorCount;
            var fault = arguments.GetValue(plant) is { } text ? PlantedFault.Parse(plant.Name, text) : null;
            var (config, request) = run.Read(arguments);
            var question = DryRunQuestion.Of(config, request);
            if (arguments.GetValue(check))
            {
                var report = JobCheck.Run(question.Setting, threads, fault);
                CheckPage.Write(question, report, output);
                return report.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
            }

            DryRunPage.Write(DryRun.Of(question, arguments.GetValue(rank), arguments.GetValue(step)), output);
            return ExitCodes.Done;
        });
        return command;
    }
}
