using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Launch;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Display;
using Altiplano.Training.Loop.Ranks;
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
        var inProcess = new Option<bool>("--in-process")
        {
            Description = "Runs every rank of the mesh as a thread of this process, for laptops and tests; mpirun and srun start one process a rank.",
        };
        var command = new Command("train", "Trains a model, resuming from the newest complete checkpoint of its run folder.") { restart, inProcess };
        var trace = new TraceArguments();
        trace.AddTo(command);
        runFile.AddTo(command);
        command.SetAction(arguments =>
        {
            using var signals = new InterruptSignals();
            var request = trace.Read(arguments);
            var command = $"altiplano {ShellText.Join(arguments.Tokens.Select(token => token.Value))}";
            var job = new RankJob(new Lazy<RunConfig>(() => runFile.Read(arguments)), command, arguments.InvocationConfiguration.Error);
            return job.Run(arguments.GetValue(inProcess), (config, world) =>
            {
                world.Together(() => ConfigException.ThrowIfAny(request?.FindProblemsIn(config.TotalSteps) ?? []));
                if (arguments.GetValue(restart))
                    world.Together(() => SetAside(new RunFolder(config.Run.Out), world));
                using var console = world.IsFirst ? ProgressConsole.OnStandardOutput() : null;
                return Train(config, world, console, signals, request);
            });
        });
        return command;
    }

    /// <summary>Runs until the end or a signal, then draws the report: the part of one rank.</summary>
    /// <param name="console">Null on all ranks but the first.</param>
    /// <param name="trace">Steps to trace; null for none.</param>
    /// <returns>The exit status.</returns>
    public static int Train(RunConfig config, RunWorld world, ProgressConsole? console, InterruptSignals signals, TraceRequest? trace = null)
    {
        var runFile = new RunFile(PresetFolder.Shipped());
        if (console is not null)
        {
            foreach (var change in ChangesSince(config, runFile))
                console.WriteLine($"changed since the run was last started: {change}");
        }

        var outcome = new TrainingRun(config, runFile.Write(config), world, console, TimeProvider.System) { Trace = trace }.Run(() => signals.Received);
        var folder = new RunFolder(config.Run.Out);
        if (world.IsFirst)
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
    private static void SetAside(RunFolder folder, RunWorld world)
    {
        if (!world.IsFirst || !Directory.Exists(folder.Root))
            return;
        using var claim = RunClaim.Take(folder);
        var number = 1;
        while (Path.Exists($"{folder.Root}.{number}"))
            number++;
        Directory.Move(folder.Root, $"{folder.Root}.{number}");
    }
}
