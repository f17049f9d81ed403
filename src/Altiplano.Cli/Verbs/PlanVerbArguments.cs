using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Search;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary>What a user wants planned.</summary>
/// <param name="Config">The run file, or what the options make of one.</param>
internal sealed record PlanQuestion(RunConfig Config, PlanRequest Request);

/// <summary>The options of <c>plan</c>: what is to be run, what matters, and how far to search.</summary>
internal sealed class PlanVerbArguments
{
    private const string Auto = "auto";

    private readonly PlanRunArguments _run = new();

    private readonly Option<string?> _objective = new Option<string?>("--objective")
    {
        Description = "What is made least, failures counted; time unless given.",
    }.Among("time", "cost", "energy");

    private readonly PlanVerbLimits _limits = new();

    private readonly Option<string?> _recovery = new("--recovery")
    {
        Description = "What is done on a failure: a preset, a file, auto for the best preset, or none; the cluster's unless given.",
        HelpName = "NAME|FILE|auto|none",
    };

    private readonly Option<bool> _owned = new("--owned")
    {
        Description = "Counts what the owner of the cluster pays (write-off, energy, operations) instead of the market's rent.",
    };

    private readonly Option<int> _top = new Option<int>("--top") { Description = "Layouts to show.", DefaultValueFactory = _ => 5 }
        .AtLeast(1, "counts layouts");

    private readonly Option<bool> _exhaustive = new("--exhaustive") { Description = "Evaluates every layout, also those proven to lose." };
    private readonly Option<bool> _replan = new("--replan-phases") { Description = "Gives each phase of the run its own mesh." };

    private readonly Option<int?> _threads = new Option<int?>("--threads") { Description = "Threads of the search; one per core unless given." }
        .AtLeast(1, "counts threads");

    /// <summary>What a plan on a calibrated machine reads.</summary>
    public Argument<string?> File => _run.File;

    public Option<string[]> Set => _run.Set;
    public Option<string?> Cluster => _run.Cluster;

    /// <summary>Options that a verb reads itself where it is told what a plan would find.</summary>
    public Option<string?> Gpus => _run.Gpus;

    public Option<string?> Recovery => _recovery;
    public Option<int?> Threads => _threads;

    /// <summary>True where something to plan is named.</summary>
    public bool IsGiven(ParseResult arguments) => _run.IsGiven(arguments);

    public void AddTo(Command command)
    {
        _run.AddTo(command);
        foreach (var option in new Option[] { _objective, _recovery, _owned, _top, _exhaustive, _replan, _threads })
            command.Add(option);
        _limits.AddTo(command);
    }

    /// <exception cref="ConfigException">Lists every problem of the options and of the files that they name.</exception>
    public PlanQuestion Read(ParseResult arguments)
    {
        var problems = new ProblemCollector();
        var presets = PresetFolder.Shipped();
        var notes = new List<string>();
        var config = problems.Try(() => _run.Read(arguments, presets, notes));
        var cluster = config?.Spec.Cluster;
        var limits = problems.Try(() => _limits.Read(arguments));
        var reliability = cluster is null ? null : problems.Try(() => PlanReliability.Read(presets, cluster.Reliability, arguments.GetValue(_recovery)));
        var stack = cluster is null ? null : problems.Try(() => PlanStack.For(presets, cluster, config!.Spec.Precision));
        var phases = config is null ? null : problems.Try(() => PlanRun.PhasesOf(config));
        var gpus = cluster is null ? null : problems.Try(() => PlanNumbers.Gpus(arguments.GetValue(Gpus), cluster));
        foreach (var problem in cluster is null ? [] : PlanNumbers.FindContradictions(config!, cluster, gpus, _run.PrecisionPath(arguments)))
            problems.Add(problem);
        problems.ThrowIfAny();
        return new PlanQuestion(config!, new PlanRequest
        {
            Model = config!.Spec.Model.Shape,
            Cluster = cluster!,
            Stack = stack!,
            Reliability = reliability?.For(config.Spec.Model.Shape, cluster!, gpus ?? cluster!.NumGpus),
            Phases = phases!,
            Fixed = PlanRun.FixedOf(config),
            Precision = config.Spec.Precision,
            Gpus = gpus,
            ChoosesGpus = arguments.GetValue(Gpus) == Auto,
            Objective = ObjectiveOf(arguments.GetValue(_objective)),
            Assumptions = notes,
            Limits = limits!,
            IsOwned = arguments.GetValue(_owned),
            Top = arguments.GetValue(_top),
            IsExhaustive = arguments.GetValue(_exhaustive),
            ReplansPhases = arguments.GetValue(_replan),
            Threads = arguments.GetValue(_threads) ?? Environment.ProcessorCount,
        });
    }

    private static Objective ObjectiveOf(string? word) => word switch
    {
        "cost" => Objective.Cost,
        "energy" => Objective.Energy,
        _ => Objective.Time,
    };
}
