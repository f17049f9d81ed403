using System.CommandLine;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Search;

namespace Altiplano.Cli.Verbs;

/// <summary><c>plan RUN.yaml</c> or <c>plan --model M --cluster C --tokens T</c>.</summary>
internal static class PlanVerb
{
    public static Command Create()
    {
        var question = new PlanVerbArguments();
        var json = new Option<bool>("--json") { Description = "Prints everything as JSON, units in the names of the keys." };
        var command = new Command("plan", "Finds the best layouts of a run on a cluster, with time, memory, power, money and failures.") { json };
        question.AddTo(command);
        command.SetAction(arguments =>
        {
            var request = question.Read(arguments);
            var plan = new Planner(request).Plan();
            var output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(json))
                PlanJson.Write(plan, output);
            else
                new PlanPage(plan, output).Write();
            return ExitCodes.Done;
        });
        return command;
    }
}
