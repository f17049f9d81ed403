using System.CommandLine;
using System.Text.Json;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Reconciling;

namespace Altiplano.Cli.Verbs;

/// <summary><c>reconcile RUN</c>: what a run's steps took, beside what was predicted of them.</summary>
internal static class ReconcileVerb
{
    public static Command Create()
    {
        var folder = new Argument<string>("RUN") { Description = "The run folder." };
        var machine = new Option<string?>("--cluster")
        {
            Description = "The machine file that calibrate wrote; the cluster of the run file unless given.", HelpName = "FILE",
        };
        var json = new Option<bool>("--json") { Description = "Prints one JSON object, units in the names of the keys." };
        var command = new Command("reconcile", "Sets what a run's steps took beside the prediction: time, memory, FLOPs and bytes, term by term.")
        {
            folder, machine, json,
        };
        command.SetAction(arguments =>
        {
            var run = MeasuredRun.Read(arguments.GetRequiredValue(folder), arguments.GetValue(machine), PresetFolder.Shipped());
            var output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(json))
                output.WriteLine(JsonSerializer.Serialize(ReconcileAnswer.Of(run), ReconcileJson.Default.ReconcileAnswer));
            else
                new ReconcileTable(run, output).Write();
            return ExitCodes.Done;
        });
        return command;
    }
}
