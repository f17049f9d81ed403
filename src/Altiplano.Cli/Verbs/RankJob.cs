using Altiplano.Distributed;
using Altiplano.Distributed.InProcess;
using Altiplano.Distributed.Launchers;
using Altiplano.Distributed.Mpi;
using Altiplano.Training.Loop;
using Altiplano.Training.Loop.Ranks;

namespace Altiplano.Cli.Verbs;

/// <summary>What one rank does; returns the exit status.</summary>
/// <param name="config">The run, with every choice made for so many ranks.</param>
internal delegate int RankBody(RunConfig config, RunWorld world);

/// <summary>Brings up the ranks of a run: processes of a launcher, threads of this process, or this process alone.</summary>
/// <param name="read">Reads the run file; what it throws is said once for all ranks.</param>
/// <param name="command">The command line without a launcher, for messages.</param>
internal sealed class RankJob(Lazy<RunConfig> read, string command, TextWriter error)
{
    /// <summary>How long a rank that has nothing to say lets the one that has say it, before it ends all.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(2);

    /// <returns>The exit status, the same on every rank.</returns>
    public int Run(bool isInProcess, RankBody body)
    {
        var launcher = Launcher.Detect();
        if (isInProcess && launcher is { HasMpi: true, Size: > 1 })
        {
            throw new ConfigException(
                $"--in-process makes every rank a thread of one process, but {launcher.Size} processes were started. Leave it out, or start one.");
        }

        if (isInProcess)
            return RunThreads(body);
        ConfigException.ThrowIfAny(launcher.FindProblemsOnCpu(command));
        return launcher.HasMpi ? RunProcess(launcher, body) : RunRank(RunWorld.Alone, body, Environment.ProcessorCount);
    }

    /// <summary>This process as one rank of those that a launcher started.</summary>
    private int RunProcess(Launcher launcher, RankBody body)
    {
        var hosts = launcher.NumHosts ?? 1;
        var ranksOnHost = (launcher.Size + hosts - 1) / hosts;
        return MpiWorld.Run(
            world =>
            {
                ConfigException.ThrowIfAny(launcher.FindProblemsOfWorld(world.Members.Count, MpiWorld.LibraryVersion()));
                return RunRank(new RunWorld(world, ranksOnHost), body, Environment.ProcessorCount / ranksOnHost);
            },
            Report, OptionsFor(launcher.Size));
    }

    private int RunThreads(RankBody body)
    {
        var (ranks, threads) = (read.Value.Spec.Mesh.On(ranks: null).World, read.Value.Run.Threads.Or(1));
        if (threads != 1)
            throw new ConfigException($"run.threads is {threads}, but with --in-process each rank is one thread. Use 1 or auto.");
        var codes = new int[ranks];
        try
        {
            InProcessWorld.Run(ranks, world => codes[world.Rank] = RunRank(new RunWorld(world, ranks), body, cores: 1), OptionsFor(ranks));
            return codes.Max();
        }
        catch (RunBrokenOffException lost)
        {
            error.WriteLine($"error: {lost.Message}");
            return ExitCodes.Interrupted;
        }
    }

    private int RunRank(RunWorld world, RankBody body, int cores)
    {
        try
        {
            return body(world.Together(() => Decide(world.Size, Math.Max(1, cores))), world);
        }
        catch (RunStoppedException stopped)
        {
            var code = stopped.InnerException is { } cause ? WriteOfRank(cause, world.Rank) : ExitCodes.Done;
            return (int)world.Largest(code)[0];
        }
    }

    private RunConfig Decide(int ranks, int cores)
    {
        var config = read.Value.Decided(cores, ranks);
        ConfigException.ThrowIfAny(config.FindProblemsOn(ranks, command));
        return config;
    }

    private CommunicatorOptions OptionsFor(int ranks)
    {
        // A run file that cannot be read is said by all ranks together, once they are up.
        try
        {
            var (mesh, timeout) = (read.Value.Spec.Mesh.On(ranks), read.Value.Run.CollectiveTimeout);
            return new CommunicatorOptions { Deadline = TimeSpan.FromSeconds(timeout.Value), Coordinates = mesh.PlaceOf };
        }
        catch (Exception)
        {
            return new CommunicatorOptions();
        }
    }

    /// <summary>Says why this rank ends, and with it the job.</summary>
    private int Report(Exception failure)
    {
        if (failure is RunBrokenOffException { IsSpeaker: false })
        {
            Thread.Sleep(Silence);
            return ExitCodes.Interrupted;
        }

        var code = FailureReport.Write(failure, error);
        return failure is RunBrokenOffException or CollectiveException ? ExitCodes.Interrupted : code;
    }

    private int WriteOfRank(Exception cause, int rank)
    {
        if (rank > 0)
            error.WriteLine($"Rank {rank} on {Environment.MachineName}:");
        return FailureReport.Write(cause, error);
    }
}
