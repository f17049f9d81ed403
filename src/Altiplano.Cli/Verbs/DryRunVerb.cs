using System.CommandLine;
using Altiplano.Cli.Configuration;
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
            if (fault is not null && !arguments.GetValue(check))
                throw new ConfigException($"{plant.Name} breaks a rank for {check.Name} to find. Add {check.Name}.");
            var question = Read(run, arguments);
            if (arguments.GetValue(check))
                return Check(JobCheck.Run(question.Setting, threads, fault), question, arguments.GetValue(json), output);
            var dryRun = DryRun.Of(question, arguments.GetValue(rank), arguments.GetValue(step));
            if (arguments.GetValue(json))
                DryRunJson.Write(dryRun, output);
            else
                DryRunPage.Write(dryRun, output);
            return ExitCodes.Done;
        });
        return command;
    }

    private static int Check(JobReport report, DryRunQuestion question, bool isJson, TextWriter output)
    {
        if (isJson)
            CheckJson.Write(question, report, output);
        else
            CheckPage.Write(question, report, output);
        return report.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
    }

    /// <summary>A run without machines is taken as it is; else a plan chooses what is left open.</summary>
    private static DryRunQuestion Read(PlanVerbArguments run, ParseResult arguments)
    {
        if (arguments.GetValue(run.File) is { } file && arguments.GetValue(run.Cluster) is null)
        {
            var alone = new RunFile(PresetFolder.Shipped()).ReadPlanned(file, arguments.GetRequiredValue(run.Set));
            if (alone.Spec.Cluster is null)
                return DryRunQuestion.Of(alone);
        }

        var (config, request) = run.Read(arguments);
        return DryRunQuestion.Of(config, request);
    }
}
