using System.CommandLine;
using Altiplano.Cli.Verbs;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Launch;

/// <summary>The options of <c>launch</c> that hold for every target.</summary>
internal sealed class LaunchArguments
{
    private const int DefaultGraceSeconds = 120;
    private const int DefaultMaxRequeues = 50;

    private readonly Option<int?> _nodes = new Option<int?>("--nodes") { Description = "Machines; found from the mesh unless given." }.AtLeast(1, "counts machines");

    private readonly Option<int?> _ranksPerNode = new Option<int?>("--ranks-per-node")
    {
        Description = "Processes on each; one a GPU, or one a machine without GPUs, unless given.",
    }.AtLeast(1, "counts processes");

    private readonly Option<int?> _gpusPerNode = new Option<int?>("--gpus-per-node")
    {
        Description = "GPUs of each; those of the run's cluster unless given, and none without a cluster.",
    }.AtLeast(1, "counts GPUs");

    private readonly Option<bool> _cpu = new("--cpu") { Description = "Without GPUs, whatever the run's cluster has." };

    private readonly Option<int?> _cpus = new Option<int?>("--cpus-per-task")
    {
        Description = "Cores of each rank, and its threads where run.threads is auto; 1 unless given.",
    }.AtLeast(1, "counts cores");

    private readonly Option<int> _maxRequeues = new Option<int>("--max-requeues")
    {
        Description = "How often the job may be started again, from its last checkpoint.", DefaultValueFactory = _ => DefaultMaxRequeues,
    }.AtLeast(0, "counts starts after the first");

    private readonly Option<int> _grace = new Option<int>("--grace")
    {
        Description = "Seconds that saving may take when the job has to end.", DefaultValueFactory = _ => DefaultGraceSeconds,
    }.AtLeast(1, "is a time in seconds");

    private readonly Option<string?> _name = new("--name") { Description = "Of the job; that of the run folder unless given." };

    private readonly Option<string?> _container = new("--container")
    {
        Description = "Image with altiplano on its PATH. Kubernetes needs one; under Slurm a .sif file is Apptainer's, anything else Pyxis's.", HelpName = "IMAGE",
    };

    private readonly RunFileArguments _runFile = new();

    /// <summary>Values that replace those of the run file, as KEY=VALUE.</summary>
    public IReadOnlyList<string> Overrides(ParseResult arguments) => arguments.GetRequiredValue(_runFile.Set);

    public string RunFile(ParseResult arguments) => Path.GetFullPath(arguments.GetRequiredValue(_runFile.File));

    /// <summary>The run with its choices left open, and the machines that it takes; checked as <c>train</c> checks it on as many ranks.</summary>
    /// <exception cref="ConfigException">The run file has problems, <c>train</c> would refuse the run, or the machines do not fit it.</exception>
    public (RunConfig Config, JobSize Size) ReadRun(ParseResult arguments)
    {
        var config = _runFile.Read(arguments);
        var size = Size(arguments).Over(config.Spec.Mesh, config.Spec.Cluster);
        var decided = config.Decided(CpusPerRank(arguments, config.Run.Threads), size.World);
        ConfigException.ThrowIfAny(decided.FindProblemsOn(size.World, $"altiplano train {RunFile(arguments)}"));
        return (config, size);
    }

    public string? Container(ParseResult arguments) => arguments.GetValue(_container);

    public string? Name(ParseResult arguments) => arguments.GetValue(_name);

    public int MaxRequeues(ParseResult arguments) => arguments.GetValue(_maxRequeues);

    public int GraceSeconds(ParseResult arguments) => arguments.GetValue(_grace);

    public int CpusPerRank(ParseResult arguments, OrAuto<int> threads) => arguments.GetValue(_cpus) ?? threads.Or(1);

    public void AddTo(Command command)
    {
        _runFile.AddTo(command);
        foreach (var option in (Option[])[_nodes, _ranksPerNode, _gpusPerNode, _cpu, _cpus, _container, _name, _maxRequeues, _grace])
            command.Add(option);
    }
    private GivenSize Size(ParseResult arguments) => new(
        arguments.GetValue(_nodes), arguments.GetValue(_ranksPerNode), arguments.GetValue(_gpusPerNode), arguments.GetValue(_cpu));
}
