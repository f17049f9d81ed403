using System.CommandLine;
using Altiplano.Cli.Verbs;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Launch.Slurm;

/// <summary>The options of <c>launch --slurm</c>.</summary>
internal sealed class SlurmArguments(LaunchArguments common)
{
    private readonly Option<string?> _partition = new("--partition") { Description = "Slurm: where the job queues." };
    private readonly Option<string?> _account = new("--account") { Description = "Slurm: who pays." };
    private readonly Option<string?> _qos = new("--qos") { Description = "Slurm: quality of service." };
    private readonly Option<string?> _constraint = new("--constraint") { Description = "Slurm: features that every node has." };
    private readonly Option<string?> _time = new("--time") { Description = "Slurm: limit of each start, as 12:00:00 or 7-00:00:00." };

    private readonly Option<string?> _switches = new("--switches")
    {
        Description = "Slurm: most switches between the nodes, and how long to wait for such nodes.", HelpName = "N[@TIME]",
    };

    private readonly Option<bool> _contiguous = new("--contiguous") { Description = "Slurm: nodes in one row of the topology." };
    private readonly Option<bool> _exclusive = new("--exclusive") { Description = "Slurm: nodes without other jobs." };

    private readonly Option<string?> _pmi = new Option<string?>("--pmi")
    {
        Description = "Slurm: how ranks meet; pmix for Open MPI (unless given), pmi2 for MPICH.",
    }.Among("pmix", "pmi2");

    private readonly Option<string[]> _mounts = new("--mount")
    {
        Description = "Slurm with a container: a folder more that it sees. May be given several times.", HelpName = "FOLDER", DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _log = new("--log")
    {
        Description = "Slurm: file of all output, with %j for the job's number; slurm-NAME-%j.log beside the run file unless given.", HelpName = "FILE",
    };

    private readonly Option<bool> _submit = new("--submit") { Description = "Slurm: hands the script to sbatch and prints the job's number." };

    public Option[] All => [_partition, _account, _qos, _constraint, _time, _switches, _contiguous, _exclusive, _pmi, _mounts, _log, _submit];

    public bool IsSubmitted(ParseResult arguments) => arguments.GetValue(_submit);

    /// <exception cref="ConfigException">The run file or the options have problems.</exception>
    public SlurmJob Read(ParseResult arguments)
    {
        var (config, size) = common.ReadRun(arguments);
        var job = WithPlace(JobOf(config, size, arguments), arguments);
        ConfigException.ThrowIfAny([.. job.FindProblems()]);
        return job;
    }

    /// <summary>What the job runs, and for how long it tries.</summary>
    private SlurmJob JobOf(RunConfig config, JobSize size, ParseResult arguments)
    {
        var runFile = common.RunFile(arguments);
        var name = common.Name(arguments) ?? JobName.Of(config.Run.Out);
        var cpus = common.CpusPerRank(arguments, config.Run.Threads);
        var container = common.Container(arguments);
        return new SlurmJob
        {
            Size = size,
            Name = name,
            Command = Command(arguments, container is null ? Environment.ProcessPath! : "altiplano", runFile, config.Run.Threads.IsAuto ? cpus : null),
            Log = Path.GetFullPath(arguments.GetValue(_log) ?? Path.Combine(Path.GetDirectoryName(runFile)!, $"slurm-{name}-%j.log")),
            CpusPerTask = cpus,
            MaxRequeues = common.MaxRequeues(arguments),
            GraceSeconds = common.GraceSeconds(arguments),
            Pmi = arguments.GetValue(_pmi) ?? "pmix",
            Container = container,
            Mounts = Mounts(config, runFile, arguments.GetRequiredValue(_mounts)),
        };
    }

    /// <summary>The same job with what it asks of the scheduler.</summary>
    private SlurmJob WithPlace(SlurmJob job, ParseResult arguments) => job with
    {
        Partition = arguments.GetValue(_partition),
        Account = arguments.GetValue(_account),
        Qos = arguments.GetValue(_qos),
        Constraint = arguments.GetValue(_constraint),
        Time = arguments.GetValue(_time),
        Switches = arguments.GetValue(_switches),
        IsContiguous = arguments.GetValue(_contiguous),
        IsExclusive = arguments.GetValue(_exclusive),
    };

    private string[] Command(ParseResult arguments, string program, string runFile, int? threads) =>
    [
        program, "train", runFile,
        .. common.Overrides(arguments).SelectMany(assignment => (string[])["--set", assignment]),
        .. threads is { } number ? (string[])["--set", $"run.threads={number}"] : [],
    ];

    /// <summary>The folders of all that the run reads and writes.</summary>
    private static List<string> Mounts(RunConfig config, string runFile, string[] more) =>
    [
        .. RunPaths.Of(config).Select(needed => Path.GetDirectoryName(needed.Path)!)
            .Append(Path.GetDirectoryName(runFile)!).Concat(more.Select(Path.GetFullPath)).Distinct().Order(StringComparer.Ordinal),
    ];
}
