using System.CommandLine;
using Altiplano.Cli.Calibrating;
using Altiplano.Distributed.Launchers;
using Altiplano.Distributed.Mpi;
using Altiplano.Planning.Machines;

namespace Altiplano.Cli.Verbs;

/// <summary>The options of <c>calibrate</c> that measures this machine.</summary>
internal sealed class MachineCalibrationArguments
{
    private const string DefaultPrecision = "fp32";

    private readonly Option<int?> _threads = new Option<int?>("--threads")
    {
        Description = "Threads of each rank; one per core for one rank, 1 for several.",
    }.AtLeast(1, "counts threads");

    private readonly Option<int> _ranks = new Option<int>("--ranks")
    {
        Description = "Ranks that are threads of this process.", DefaultValueFactory = _ => 1,
    }.AtLeast(1, "counts ranks");

    private readonly Option<bool> _mpi = new("--mpi")
    {
        Description = "Ranks are the processes that mpirun or srun started; measures collectives too.",
    };

    public void AddTo(Command command)
    {
        command.Add(_threads);
        command.Add(_ranks);
        command.Add(_mpi);
    }

    /// <summary>Measures, writes the file, and prints what was found.</summary>
    /// <returns>The exit status.</returns>
    public int Run(ParseResult arguments, string? format, string file)
    {
        var precision = (format ?? DefaultPrecision) switch
        {
            DefaultPrecision => Precision.Fp32,
            "fp64" => Precision.Fp64,
            "bf16" => Precision.Bf16,
            var other => throw new ConfigException($"--precision is {other}, but a machine is measured in fp32, fp64 or bf16. Use one of them."),
        };
        var (ranks, threads) = (arguments.GetRequiredValue(_ranks), arguments.GetValue(_threads));
        ConfigException.ThrowIfAny([.. FindContradictions(arguments)]);
        var (output, error) = (arguments.InvocationConfiguration.Output, arguments.InvocationConfiguration.Error);
        if (arguments.GetValue(_mpi))
        {
            return MpiWorld.Run(
                world => new MachineMeasurement(threads ?? 1, RankCosts.Mpi, precision, file, world.Rank == 0 ? output : TextWriter.Null).Run(world),
                failure => FailureReport.Write(failure, error));
        }

        if (ranks == 1)
            return new MachineMeasurement(threads ?? Environment.ProcessorCount, RankCosts.NoTransport, precision, file, output).Run(null);
        if (threads is > 1)
        {
            throw new ConfigException(
                $"--threads is {threads}, but ranks that are threads of one process have 1 thread each. Use --threads 1, or mpirun with --mpi.");
        }

        return new MachineMeasurement(1, RankCosts.InProcess, precision, file, output).RunInProcess(ranks);
    }

    private IEnumerable<string> FindContradictions(ParseResult arguments)
    {
        if (arguments.GetValue(_mpi))
        {
            if (arguments.GetResult(_ranks) is { Implicit: false })
                yield return $"{_ranks.Name} is given, but with {_mpi.Name} ranks are the processes that were started. Leave one of them out.";
        }
        else if (Launcher.Detect() is { HasMpi: true, Size: > 1 } launcher)
        {
            yield return $"{launcher.Size} processes were started, and without {_mpi.Name} each would measure alone. Add {_mpi.Name}.";
        }
    }
}
