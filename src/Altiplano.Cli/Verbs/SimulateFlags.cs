using System.CommandLine;
using System.Globalization;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>How often a run fails and what may be done about it.</summary>
internal sealed record SimulatedFailures(FailureRates Rates, StragglerRates? Stragglers, IReadOnlyList<RecoveryPolicy> Policies);

/// <summary>The flags of <c>simulate</c> that say what a plan would find: step, size and failures of the run.</summary>
/// <param name="gpus">GPUs that train, shared with the options of a plan.</param>
/// <param name="recovery">What is done on a failure, shared too.</param>
internal sealed class SimulateFlags(Option<string?> gpus, Option<string?> recovery)
{
    private const string Auto = "auto";

    private readonly Option<double?> _step = new("--step-s") { Description = "Instead of a plan: seconds of one optimizer step, undisturbed." };
    private readonly Option<long?> _steps = new("--steps") { Description = "With --step-s: steps to do; give this or --days." };
    private readonly Option<double?> _days = new("--days") { Description = "With --step-s: days after which the run ends; give this or --steps." };

    private readonly Option<int?> _gpusPerServer = new Option<int?>("--gpus-per-server")
    {
        Description = "With --step-s: GPUs that a server takes with it, 8 unless given.",
    }.AtLeast(1, "counts GPUs");

    private readonly Option<int?> _replicas = new("--replicas") { Description = "With --step-s: data-parallel replicas, 1 unless given." };

    private readonly Option<string?> _rates = new("--rates")
    {
        Description = "With --step-s: rates of failures, a preset (llama3-2024, rsc-1, rsc-2, ft-hsdp) or a YAML file.",
        HelpName = "NAME|FILE",
    };

    private Option[] All => [_step, _steps, _days, _gpusPerServer, _replicas, _rates];

    public void AddTo(Command command)
    {
        foreach (var option in All)
            command.Add(option);
    }

    /// <summary>Every flag that is given although a plan says the same.</summary>
    public IEnumerable<string> FindPlanned(ParseResult arguments) =>
        from option in All
        where arguments.GetResult(option) is { Implicit: false }
        select $"{option.Name} is given, but the plan finds it. Leave it out, or describe the run with --step-s, --gpus and --rates alone.";

    /// <summary>The failures of the run.</summary>
    /// <exception cref="ConfigException">There are none, or they do not go together.</exception>
    public SimulatedFailures ReadRates(ParseResult arguments)
    {
        if (arguments.GetResult(_step) is null && arguments.GetValue(_rates) is null)
            throw new ConfigException("Nothing says what is run. Give a RUN.yaml, or --model, --cluster and --tokens, or --step-s, --gpus and --rates.");
        var catalog = new ReliabilityCatalog(PresetFolder.Shipped());
        var named = arguments.GetValue(_rates)
            ?? throw new ConfigException("--rates is missing, so nothing says how often the run fails. Name a preset such as llama3-2024, or a file.");
        var preset = catalog.Read(named, _rates.Name);
        return preset.Rates is { } rates
            ? new SimulatedFailures(rates, preset.Stragglers, Policies(arguments.GetValue(recovery), catalog, preset))
            : throw new ConfigException($"--rates is {preset.Name}, which says what is done on a failure, but not how often one comes. Name it with --recovery.");
    }

    /// <summary>What is wrong with step, size and length of the run.</summary>
    public IEnumerable<string> FindProblems(ParseResult arguments, SimulatedFailures? failures)
    {
        if (arguments.GetResult(_step) is null && arguments.GetValue(_rates) is null)
            yield break;
        foreach (var problem in FindProblemsOfGpus(arguments))
            yield return problem;
        if (arguments.GetValue(_step) is not > 0)
            yield return $"--step-s is {StepText(arguments)}, but a step takes time. Use a number above 0.";
        var replicas = arguments.GetValue(_replicas) ?? 1;
        if (replicas < 1)
            yield return $"--replicas is {replicas}, but a run has 1 replica or more.";
        else if (CountOf(arguments.GetValue(gpus)) is { } all && all % replicas != 0)
            yield return $"--replicas is {replicas}, but the {all} GPUs must divide into so many. Use {Divisors.Nearest(replicas, all)}.";
        else if (replicas == 1 && failures?.Policies is [{ DropsReplicas: true }])
            yield return "--replicas is 1, but the policy goes on without the replica that fails, and then none is left. Use 2 or more.";
        if (arguments.GetValue(_steps) is null == arguments.GetValue(_days) is null)
        {
            var places = arguments.GetValue(_days) is null ? "nowhere" : "twice";
            yield return $"The length of the run is given {places}. Give --steps or --days.";
        }
    }

    /// <summary>The run, with the policy, interval and spares that suit it best.</summary>
    public SimulationQuestion Read(ParseResult arguments, SimulatedFailures failures)
    {
        var perServer = PerServer(arguments);
        var scale = new RunScale(
            int.Parse(arguments.GetValue(gpus)!, CultureInfo.InvariantCulture) / perServer, perServer, arguments.GetValue(_replicas) ?? 1,
            arguments.GetValue(_step)!.Value);
        var ranking = RecoverySearch.Rank(failures.Rates, failures.Policies, scale, failures.Stragglers);
        var spec = new SimulatedRunSpec
        {
            StepTime = new Seconds(scale.StepSeconds),
            Steps = arguments.GetValue(_steps),
            Duration = arguments.GetValue(_days) is { } days ? Seconds.FromDays(days) : null,
            Servers = scale.Servers,
            GpusPerServer = scale.GpusPerServer,
            Replicas = scale.Replicas,
            Spares = ranking[0].Spares,
            Rates = failures.Rates,
            Policy = ranking[0].Policy,
            Stragglers = failures.Stragglers,
            Interval = ranking[0].Interval,
        };
        return new SimulationQuestion(spec, ranking);
    }

    private int PerServer(ParseResult arguments) => arguments.GetValue(_gpusPerServer) ?? 8;

    private string StepText(ParseResult arguments) => arguments.GetValue(_step) is { } step ? $"{step} s" : "missing";

    private IEnumerable<string> FindProblemsOfGpus(ParseResult arguments)
    {
        var (text, perServer) = (arguments.GetValue(gpus), PerServer(arguments));
        if (CountOf(text) is not { } count)
        {
            yield return text is null
                ? "--gpus is missing, so nothing says on how many the run trains. Give their number."
                : $"--gpus is \"{text}\", but it counts GPUs. Use a whole number up to {int.MaxValue}.";
            yield break;
        }

        var below = count / perServer * perServer;
        if (count >= perServer && count == below)
            yield break;
        var remedy = count < perServer ? $"{perServer} or more" : $"{below} or {below + (long)perServer}";
        yield return $"--gpus is {count}, but a run takes whole servers of {perServer} GPUs. Use {remedy}.";
    }

    private static int? CountOf(string? text) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var count) ? count : null;

    private static IReadOnlyList<RecoveryPolicy> Policies(string? name, ReliabilityCatalog catalog, ReliabilityPreset rates)
    {
        if (name == Auto)
            return catalog.Policies;
        var preset = name is null ? rates : catalog.Read(name, "--recovery");
        return preset.Recovery is { } policy
            ? [policy]
            : throw new ConfigException($"{preset.Name} has rates, but no recovery. Name a policy with --recovery, or --recovery auto.");
    }
}
