using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>The options of <c>plan</c>: what is to be run, on what, and what matters.</summary>
internal sealed class PlanVerbArguments
{
    private readonly Option<string?> _model = new("--model") { Description = "A model preset or a config.json.", HelpName = "NAME|FILE" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "A cluster preset or a YAML file.", HelpName = "NAME|FILE" };
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Training tokens, such as 15.6T.", HelpName = "TOKENS" };

    private readonly Option<int> _seqLen = new Option<int>("--seq-len")
    {
        Description = "Tokens of one sequence.", DefaultValueFactory = _ => 8192,
    }.AtLeast(1, "counts tokens");

    private readonly Option<string> _batch = new("--global-batch-tokens")
    {
        Description = "Tokens of one step: 4Mi, or a range 15M..17M; a number that makes no whole sequences is met within 5 %.",
        DefaultValueFactory = _ => "16M", HelpName = "TOKENS|MIN..MAX",
    };

    private readonly Option<string> _precision = new Option<string>("--precision")
    {
        Description = "Number format of matrix products.", DefaultValueFactory = _ => "bf16",
    }.AcceptOnlyFromAmong("bf16", "fp8");

    private readonly Option<Objective> _objective = new("--objective")
    {
        Description = "What is made least, failures counted: Time, Cost or Energy.", DefaultValueFactory = _ => Objective.Time,
    };

    private readonly Option<double?> _maxMw = new("--max-mw") { Description = "Megawatts that the facility may draw for the run." };
    private readonly Option<string?> _maxCost = new("--max-cost") { Description = "What the run may cost, such as 80M$.", HelpName = "DOLLARS" };
    private readonly Option<string?> _deadline = new("--deadline") { Description = "How long the run may take, such as 54d.", HelpName = "TIME" };
    private readonly Option<int?> _gpus = new Option<int?>("--gpus") { Description = "GPUs to use; all of the cluster unless given." }
        .AtLeast(1, "counts GPUs");

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

    public void AddTo(Command command)
    {
        foreach (var option in new Option[]
        {
            _model, _cluster, _tokens, _seqLen, _batch, _precision, _objective, _maxMw, _maxCost, _deadline, _gpus, _recovery, _owned, _top,
            _exhaustive, _replan, _threads,
        })
        {
            command.Add(option);
        }
    }

    /// <exception cref="ConfigException">Lists every problem of the options and of the files that they name.</exception>
    public PlanRequest Read(ParseResult arguments)
    {
        var problems = new ProblemCollector();
        var presets = PresetFolder.Shipped();
        var model = problems.Try(() => new ModelCatalog(presets).Model(Required(arguments, _model)).Shape);
        var cluster = problems.Try(() => new HardwareCatalog(presets).Cluster(Required(arguments, _cluster)));
        var tokens = problems.Try(() => ReadTokens(Required(arguments, _tokens), "--tokens"));
        var batch = problems.Try(() => BatchRange.Read(arguments.GetRequiredValue(_batch), arguments.GetValue(_seqLen)));
        var limits = problems.Try(() => ReadLimits(arguments));
        var reliability = cluster is null ? null : problems.Try(() => PlanReliability.Read(presets, cluster.Reliability, arguments.GetValue(_recovery)));
        problems.ThrowIfAny();
        return new PlanRequest
        {
            Model = model!,
            Cluster = cluster!,
            Stack = PlanStack.Default,
            Reliability = reliability,
            Phases = [new PlanPhase("all", tokens.Value, arguments.GetValue(_seqLen), batch!.Min, batch.Max)],
            Precision = arguments.GetRequiredValue(_precision) == "fp8" ? Precision.Fp8 : Precision.Bf16,
            Gpus = arguments.GetValue(_gpus),
            Objective = arguments.GetValue(_objective),
            Limits = limits!,
            IsOwned = arguments.GetValue(_owned),
            Top = arguments.GetValue(_top),
            IsExhaustive = arguments.GetValue(_exhaustive),
            ReplansPhases = arguments.GetValue(_replan),
            Threads = arguments.GetValue(_threads) ?? Environment.ProcessorCount,
        };
    }

    private static string Required(ParseResult arguments, Option<string?> option) => arguments.GetValue(option)
        ?? throw new ConfigException($"{option.Name} is missing. Give a RUN.yaml, or --model, --cluster and --tokens.");

    private static TokenCount ReadTokens(string text, string option) => TokenCount.Parse(text) is { Value: > 0 } tokens
        ? tokens
        : throw new ConfigException($"{option} is \"{text}\", but it must be a number of tokens such as 65536, 300B or 15.6T.");

    private PlanLimits ReadLimits(ParseResult arguments)
    {
        var problems = new ProblemCollector();
        var power = arguments.GetValue(_maxMw);
        if (power is <= 0)
            problems.Add($"--max-mw is {power}, but a run draws power. Use a number of megawatts above 0.");
        var cost = arguments.GetValue(_maxCost) is { } money ? problems.Try(() => ReadDollars(money)) : (Dollars?)null;
        var deadline = arguments.GetValue(_deadline) is { } time ? problems.Try(() => ReadTime(time)) : (Seconds?)null;
        problems.ThrowIfAny();
        return new PlanLimits(power is { } megawatts ? new Watts(megawatts * 1e6) : null, cost, deadline);
    }

    private static Dollars ReadDollars(string text) => Dollars.Parse(text) is { Value: > 0 } dollars
        ? dollars
        : throw new ConfigException($"--max-cost is \"{text}\", but it must be an amount of money above 0 with its unit, such as 250k$ or 80M$.");

    private static Seconds ReadTime(string text) => Seconds.Parse(text) is { Value: > 0 } seconds
        ? seconds
        : throw new ConfigException($"--deadline is \"{text}\", but it must be a time above 0 with its unit, such as 36h or 54d.");
}
