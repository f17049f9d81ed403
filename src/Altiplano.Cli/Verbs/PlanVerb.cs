using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Cli.Plans.Page;
using Altiplano.Cli.Reconciling;
using Altiplano.Planning.Search;
using Altiplano.Planning.Search.Emit;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary><c>plan RUN.yaml</c> or <c>plan --model M --cluster C --tokens T</c>.</summary>
internal static class PlanVerb
{
    public static Command Create()
    {
        var question = new PlanVerbArguments();
        var json = new Option<bool>("--json") { Description = "Prints everything as JSON, units in the names of the keys." };
        var emit = new Option<string?>("--emit")
        {
            Description = $"Prints the layout as flags of {MegatronFlags.Version}, or as a job file of {TorchTitanConfig.Version}, instead of the page.",
        }.Among("megatron", "torchtitan");
        var write = new Option<string?>("--write") { Description = "Also writes the run file with every choice fixed.", HelpName = "FILE" };
        var html = new Option<string?>("--html") { Description = "Also writes everything as one page for a browser.", HelpName = "FILE" };
        var command = new Command("plan", "Finds the best layouts of a run on a cluster, with time, memory, power, money and failures.") { json, emit, write, html };
        question.AddTo(command);
        command.SetAction(arguments =>
        {
            OutputFile.Check(arguments, write, html);
            var output = arguments.InvocationConfiguration.Output;
            var (target, isJson) = (arguments.GetValue(emit), arguments.GetValue(json));
            if (MachinePlan.Read(arguments.GetValue(question.File), arguments.GetRequiredValue(question.Set), arguments.GetValue(question.Cluster)) is { } machinePlan)
            {
                MachinePlan.RequireNone((emit.Name, target), (write.Name, arguments.GetValue(write)), (html.Name, arguments.GetValue(html)));
                machinePlan.Show(isJson, output);
                return ExitCodes.Done;
            }

            var (config, request) = question.Read(arguments);
            var plan = PlanOrShow(target == "megatron" ? MegatronFlags.Restrict(request) : request, isJson, output);
            if (arguments.GetValue(write) is { } file)
                WriteRun(config, plan, file, arguments.InvocationConfiguration.Error);
            if (arguments.GetValue(html) is { } page)
                File.WriteAllText(page, PlanReport.Of(plan, PlanBackground.Of(PresetFolder.Shipped(), request)));
            if (target is not null)
                WriteLines(target == "megatron" ? MegatronFlags.Of(request, plan.Main) : TorchTitanConfig.Of(request, plan.Main), output);
            else
                Show(plan, isJson, output);
            return ExitCodes.Done;
        });
        return command;
    }

    /// <exception cref="UnfitLayoutException">The given layout does not fit in memory; what it would take has been written.</exception>
    private static TrainingPlan PlanOrShow(PlanRequest request, bool isJson, TextWriter output)
    {
        try
        {
            return new Planner(request).Plan();
        }
        catch (UnfitLayoutException unfit)
        {
            Show(unfit.Plan, isJson, output);
            throw;
        }
    }

    private static void Show(TrainingPlan plan, bool isJson, TextWriter output)
    {
        if (isJson)
            PlanJson.Write(plan, output);
        else
            new PlanPage(plan, output).Write();
    }

    /// <summary>The run file, and a word to the user where its one layout is not that of every phase.</summary>
    private static void WriteRun(RunConfig config, TrainingPlan plan, string file, TextWriter error)
    {
        var comments = PhaseLayouts.Comments(plan);
        File.WriteAllText(file, comments + new RunFile(PresetFolder.Shipped()).Write(PlanRun.Decided(config, plan)));
        if (comments.Length > 0)
            error.WriteLine($"{file} has the layout of the phase {plan.Main.Phase.Name} for the whole run; those planned for other phases are comments in it.");
    }

    private static void WriteLines(IEnumerable<string> lines, TextWriter output)
    {
        foreach (var line in lines)
            output.WriteLine(line);
    }
}
