using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Units;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary>The options of <c>plan</c> that describe the run: a file, or a model on a cluster.</summary>
internal sealed class PlanRunArguments
{
    private const int UsualSeqLen = 8192;

    private readonly Option<string?> _model = new("--model") { Description = "A model preset or a config.json.", HelpName = "NAME|FILE" };
    private readonly Option<string?> _cluster = new("--cluster") { Description = "A cluster preset or a YAML file; also the machine file that calibrate writes.", HelpName = "NAME|FILE" };
    private readonly Option<string?> _tokens = new("--tokens") { Description = "Training tokens, such as 15.6T.", HelpName = "TOKENS" };

    private readonly Argument<string?> _file = new("RUN.yaml")
    {
        Description = "The run file; docs/run-file.md lists its keys. Options replace what it says.", Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Replaces a value of the run file, or fixes a choice: --set mesh.tp=8. Only --set parallel.pp_schedule=zero_bubble searches zero bubble. " +
            "May be given several times.",
        HelpName = "KEY=VALUE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<int?> _seqLen = new Option<int?>("--seq-len") { Description = "Tokens of one sequence; 8192 unless given." }
        .AtLeast(1, "counts tokens");

    private readonly Option<string?> _batch = new("--global-batch-tokens")
    {
        Description = "Tokens of one step: 4Mi, or a range 15M..17M; a number that makes no whole sequences is met within 5 %. Unless given, what runs of such models have.",
        HelpName = "TOKENS|MIN..MAX",
    };

    private readonly Option<string?> _precision = new Option<string?>("--precision")
    {
        Description = "Number format of matrix products; bf16 unless given.",
    }.Among("bf16", "fp8");

    private readonly Option<string?> _gpus = new("--gpus")
    {
        Description = "GPUs to use, or auto for the best of several numbers; all of the cluster unless given.", HelpName = "N|auto",
    };

    public Argument<string?> File => _file;
    public Option<string[]> Set => _set;
    public Option<string?> Cluster => _cluster;
    public Option<string?> Gpus => _gpus;

    /// <summary>True where something to plan is named.</summary>
    public bool IsGiven(ParseResult arguments) =>
        arguments.GetValue(_file) is not null || new[] { _model, _cluster, _tokens }.Any(option => arguments.GetValue(option) is not null);

    public void AddTo(Command command)
    {
        command.Add(_file);
        foreach (var option in new Option[] { _set, _model, _cluster, _tokens, _seqLen, _batch, _precision, _gpus })
            command.Add(option);
    }

    /// <summary>The run file, or what the options make of one.</summary>
    /// <param name="notes">Takes what is assumed.</param>
    /// <exception cref="ConfigException">Lists every problem of the options and of the files that they name.</exception>
    public RunConfig Read(ParseResult arguments, PresetFolder presets, List<string> notes) =>
        arguments.GetValue(_file) is { } file ? ReadFile(arguments, file, presets, notes) : ReadOptions(arguments, presets, notes);

    /// <summary>What the precision came from, for messages.</summary>
    public string PrecisionPath(ParseResult arguments) => arguments.GetValue(_precision) is null ? "run.precision" : _precision.Name;

    /// <summary>The run file with the options in place of what it says.</summary>
    private RunConfig ReadFile(ParseResult arguments, string file, PresetFolder presets, List<string> notes)
    {
        var config = new RunFile(presets).ReadPlanned(file, arguments.GetRequiredValue(_set));
        var spec = config.Spec;
        var problems = new ProblemCollector();
        var model = problems.Try(() => arguments.GetValue(_model) is { } name ? new ModelCatalog(presets).Model(name) : spec.Model);
        var cluster = problems.Try(() => spec.Cluster is { } given && arguments.GetValue(_cluster) is null ? given : ReadCluster(arguments, presets));
        var batch = problems.Try(() => ReadBatch(arguments, spec.Batch, DefaultBatch.Blank));
        var tokens = problems.Try(() => arguments.GetValue(_tokens) is { } text ? PlanNumbers.Tokens(text) : config.Run.Tokens);
        problems.ThrowIfAny();
        if (spec.Precision is Precision.Fp32 or Precision.Fp64 && arguments.GetValue(_precision) is null)
            notes.Add($"Plans in bf16: no cluster is planned in {spec.Precision.ToString().ToLowerInvariant()}, the run.precision of this run (fp32 unless given).");
        return config with
        {
            Spec = spec with { Model = model!, Cluster = cluster, Batch = batch!, Precision = PrecisionOf(arguments, spec.Precision) },
            Run = tokens is null ? config.Run : config.Run with { Tokens = tokens, Steps = null },
        };
    }

    private RunConfig ReadOptions(ParseResult arguments, PresetFolder presets, List<string> notes)
    {
        var problems = new ProblemCollector();
        var overrides = arguments.GetRequiredValue(_set);
        var model = problems.Try(() => new ModelCatalog(presets).Model(Required(arguments, _model)));
        var cluster = problems.Try(() => ReadCluster(arguments, presets));
        var tokens = problems.Try(() => (TokenCount?)PlanNumbers.Tokens(Required(arguments, _tokens)));
        var gpus = int.TryParse(arguments.GetValue(_gpus), out var given) ? given : cluster?.NumGpus ?? 1;
        var usual = model is null ? DefaultBatch.Blank : DefaultBatch.For(model.Shape, arguments.GetValue(_seqLen) ?? UsualSeqLen, gpus);
        var batch = problems.Try(() => ReadBatch(arguments, null, usual));
        problems.ThrowIfAny();
        if (arguments.GetValue(_batch) is null && !overrides.Any(o => o.StartsWith("batch.global_batch_tokens", StringComparison.Ordinal)))
            notes.Add(DefaultBatch.Note(usual));
        var config = RunSections.Defaults with
        {
            Spec = new RunSpec { Model = model!, Cluster = cluster, Mesh = PlanRun.OpenMesh, Batch = batch!, Precision = PrecisionOf(arguments, Precision.Bf16) },
            Run = RunSections.Defaults.Run with { Tokens = tokens, CheckpointEvery = default },
        };
        return overrides.Length == 0 ? config : new RunFile(presets).With(config, overrides);
    }

    private ClusterSpec ReadCluster(ParseResult arguments, PresetFolder presets) =>
        new HardwareCatalog(presets).Cluster(Required(arguments, _cluster));

    private BatchSpec ReadBatch(ParseResult arguments, BatchSpec? given, TokenCount usual)
    {
        var seqLen = arguments.GetValue(_seqLen) ?? given?.SeqLen ?? UsualSeqLen;
        if (given is not null && arguments.GetValue(_batch) is null)
        {
            var changed = given with { SeqLen = seqLen };
            ConfigException.ThrowIfAny(changed.FindProblems("batch"));
            return changed;
        }

        var range = arguments.GetValue(_batch) is { } text ? BatchRange.Read(text, seqLen) : BatchRange.Around(usual.Value, seqLen);
        return new BatchSpec
        {
            GlobalBatchTokens = new TokenCount(range.Min * seqLen), MaxGlobalBatchTokens = range.Max > range.Min ? new TokenCount(range.Max * seqLen) : null,
            SeqLen = seqLen, MicroBatchSize = given?.MicroBatchSize ?? default,
        };
    }

    /// <summary>Products run in bf16 where a file asks for a format that no cluster is planned in.</summary>
    private Precision PrecisionOf(ParseResult arguments, Precision given) => arguments.GetValue(_precision) switch
    {
        "fp8" => Precision.Fp8,
        "bf16" => Precision.Bf16,
        _ => given == Precision.Fp8 ? Precision.Fp8 : Precision.Bf16,
    };

    private static string Required(ParseResult arguments, Option<string?> option) => arguments.GetValue(option)
        ?? throw new ConfigException($"{option.Name} is missing. Give a RUN.yaml, or --model, --cluster and --tokens.");
}
