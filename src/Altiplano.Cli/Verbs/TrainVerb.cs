using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Report;
using Altiplano.Training.Measuring;

namespace Altiplano.Cli.Verbs;

/// <summary><c>train RUN.yaml</c>: starts a run or goes on with it.</summary>
internal static class TrainVerb
{
    public static Command Create()
    {
        var runFile = new RunFileArguments();
        var restart = new Option<bool>("--restart")
        {
            Description = "Starts at step 0 though the run folder has checkpoints; the old folder is kept under another name.",
        };
        var trace = new TraceArguments();
        var command = new Command("train", "Trains a model, resuming from the newest complete checkpoint of its run folder.") { restart };
        trace.AddTo(command);
        runFile.AddTo(command);
        command.SetAction(arguments =>
        {
            var config = runFile.Read(arguments).Decided(Environment.ProcessorCount);
            if (arguments.GetValue(restart))
                SetAside(new RunFolder(config.Run.Out));
            using var console = ProgressConsole.OnStandardOutput();
            return Train(config, console, trace.Read(arguments));
        });
        return command;
    }

    /// <summary>Runs until the end or a signal, then draws the report.</summary>
    /// <param name="trace">Steps to trace; null for none.</param>
    /// <returns>The exit status.</returns>
    public static int Train(RunConfig config, ProgressConsole console, TraceRequest? trace = null)
    {
        using var signals = new InterruptSignals();
        var runFile = new RunFile(PresetFolder.Shipped());
        foreach (var change in ChangesSince(config, runFile))
            console.WriteLine($"changed since the run was last started: {change}");
        var text = runFile.Write(config);
        var outcome = new TrainingRun(config, text, console, TimeProvider.System, trace).Run(() => signals.Received);
        var folder = new RunFolder(config.Run.Out);
        RunReport.Write(folder, RunFile.ReadSettings(folder.Config));
        return outcome == RunOutcome.Interrupted ? ExitCodes.Interrupted : ExitCodes.Done;
    }

    /// <summary>What the run file says differently from the config that the run folder keeps; nothing for a new run.</summary>
    private static IEnumerable<string> ChangesSince(RunConfig config, RunFile runFile)
    {
        var kept = new RunFolder(config.Run.Out).Config;
        if (!File.Exists(kept))
            return [];
        var before = RunFile.ReadSettings(kept).ToDictionary(setting => setting.Key, setting => setting.Value);
        return runFile.Settings(config)
            .Where(now => before.GetValueOrDefault(now.Key) != now.Value)
            .Select(now => $"{now.Key} is {now.Value}, was {before.GetValueOrDefault(now.Key) ?? "absent"}");
    }

    /// <summary>Gives an existing run folder the first free name of the form NAME.1, NAME.2 ...</summary>
    /// <exception cref="ConfigException">Another process trains in the folder.</exception>
    private static void SetAside(RunFolder folder)
    {
        if (!Directory.Exists(folder.Root))
            return;
        using var claim = RunClaim.Take(folder);
        var number = 1;
        while (Path.Exists($"{folder.Root}.{number}"))
            number++;
        Directory.Move(folder.Root, $"{folder.Root}.{number}");
    }
}
