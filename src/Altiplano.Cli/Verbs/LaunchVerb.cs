using System.CommandLine;
using Altiplano.Cli.Launch;
using Altiplano.Cli.Launch.Kubernetes;
using Altiplano.Cli.Launch.Slurm;

namespace Altiplano.Cli.Verbs;

/// <summary><c>launch RUN.yaml --slurm</c> and <c>launch RUN.yaml --kubernetes</c>.</summary>
internal static class LaunchVerb
{
    public static Command Create()
    {
        var common = new LaunchArguments();
        var (slurm, kubernetes) = (new SlurmArguments(common), new KubernetesArguments(common));
        var onSlurm = new Option<bool>("--slurm") { Description = "Writes a batch script." };
        var onKubernetes = new Option<bool>("--kubernetes") { Description = "Writes a JobSet, or an MPIJob for a run without GPUs." };
        var write = new Option<string?>("--write") { Description = "Writes to a file instead of stdout.", HelpName = "FILE" };
        var command = new Command("launch", "Writes what a scheduler needs to train a run on many machines, and submits it.") { onSlurm, onKubernetes, write };
        common.AddTo(command);
        foreach (var option in slurm.All.Concat(kubernetes.All))
            command.Add(option);
        command.SetAction(arguments =>
        {
            OutputFile.Check(write.Name, arguments.GetValue(write));
            var isSlurm = arguments.GetValue(onSlurm);
            if (isSlurm == arguments.GetValue(onKubernetes))
                throw new ConfigException("launch writes for one scheduler. Give --slurm or --kubernetes; docs/launch.md shows mpirun.");
            ConfigException.ThrowIfAny([.. FindForeign(arguments, isSlurm ? kubernetes.All : slurm.All, isSlurm)]);
            var text = isSlurm ? SlurmScript.Of(slurm.Read(arguments)) : Manifest.Of(kubernetes.Read(arguments));
            var output = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(write) is { } file)
                File.WriteAllText(file, text);
            if (isSlurm && slurm.IsSubmitted(arguments))
                output.WriteLine(SlurmSubmission.Submit(text));
            else if (arguments.GetValue(write) is null)
                output.Write(text);
            return ExitCodes.Done;
        });
        return command;
    }

    private static IEnumerable<string> FindForeign(ParseResult arguments, Option[] others, bool isSlurm) =>
        from option in others
        where arguments.GetResult(option) is { Implicit: false }
        select $"{option.Name} is given, but it is for {(isSlurm ? "--kubernetes" : "--slurm")}. Leave it out.";
}
