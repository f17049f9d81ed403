using System.CommandLine;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>A run to be simulated, and how its policy was come by.</summary>
/// <param name="Ranking">Every policy that was compared, the best first; empty where one was named.</param>
internal sealed record SimulationQuestion(SimulatedRunSpec Spec, IReadOnlyList<RecoveryChoice> Ranking);

/// <summary>The options of <c>simulate</c> that describe the run.</summary>
internal sealed class SimulateArguments
{
    private const string Auto = "auto";

    private readonly Option<double> _step = new("--step-s") { Description = "Seconds of one optimizer step, undisturbed.", Required = true };
    private readonly Option<long?> _steps = new("--steps") { Description = "Steps to do; give this or --days." };
    private readonly Option<double?> _days = new("--days") { Description = "Days after which the run ends; give this or --steps." };
    private readonly Option<int> _gpus = new("--gpus") { Description = "GPUs that train; spares come on top.", Required = true };

    private readonly Option<int> _gpusPerServer = new Option<int>("--gpus-per-server")
    {
        Description = "GPUs that a server takes with it.", DefaultValueFactory = _ => 8,
    }.AtLeast(1, "counts GPUs");

    private readonly Option<int> _replicas = new("--replicas") { Description = "Data-parallel replicas.", DefaultValueFactory = _ => 1 };

    private readonly Option<string> _rates = new("--rates")
    {
        Description = "Rates of failures: a preset (llama3-2024, rsc-1, rsc-2, ft-hsdp) or a YAML file.",
        Required = true,
        HelpName = "NAME|FILE",
    };

    private readonly Option<string?> _policy = new("--policy")
    {
        Description = "What is done on a failure: a preset, a YAML file, or auto for the best preset; that of --rates unless given.",
        HelpName = "NAME|FILE|auto",
    };

    private readonly Option<string> _interval = new("--interval")
    {
        Description = "Training between checkpoints, such as 5min, or auto for the best.",
        DefaultValueFactory = _ => Auto,
        HelpName = "TIME|auto",
    };

    private readonly Option<string> _spares = new("--spares")
    {
        Description = "Spare servers, or auto for the best number.", DefaultValueFactory = _ => Auto, HelpName = "N|auto",
    };

    private readonly Option<string?> _watts = new("--watts")
    {
        Description = "Watts of a GPU with its share of the server, by state: " +
            "compute=842,communication=500,checkpoint=350,restart=300,idle=250,communication_share=0 unless given.",
        HelpName = "STATE=W,...",
    };

    public void AddTo(Command command)
    {
        Option[] options =
            [_step, _steps, _days, _gpus, _gpusPerServer, _replicas, _rates, _policy, _interval, _spares, _watts];
        foreach (var option in options)
            command.Add(option);
    }

    /// <exception cref="ConfigException">Lists every problem of the run.</exception>
    public SimulationQuestion Read(ParseResult arguments)
    {
        var problems = new List<string>();
        var catalog = new ReliabilityCatalog(PresetFolder.Shipped());
        var rates = Try(() => catalog.Read(arguments.GetRequiredValue(_rates)), problems);
        var policies = Try(() => Policies(arguments.GetValue(_policy), catalog, rates), problems);
        var interval = Try(() => ReadInterval(arguments.GetRequiredValue(_interval)), problems);
        var spares = Try(() => ReadSpares(arguments.GetRequiredValue(_spares)), problems);
        var power = Try(() => PowerFormat.Read(arguments.GetValue(_watts)), problems);
        problems.AddRange(FindProblemsOfSize(arguments, policies ?? []));
        ConfigException.ThrowIfAny(problems);

        var scale = Scale(arguments);
        var ranking = RecoverySearch.Rank(rates!.Rates!, policies!, scale, rates.Stragglers);
        var choice = ranking[0];
        var spec = new SimulatedRunSpec
        {
            StepTime = new Seconds(scale.StepSeconds),
            Steps = arguments.GetValue(_steps),
            Duration = arguments.GetValue(_days) is { } days ? Seconds.FromDays(days) : null,
            Servers = scale.Servers,
            GpusPerServer = scale.GpusPerServer,
            Replicas = scale.Replicas,
            Spares = spares ?? choice.Spares,
            Rates = rates.Rates!,
            Policy = choice.Policy,
            Stragglers = rates.Stragglers,
            Interval = interval ?? choice.Interval,
            Power = power!,
        };
        ConfigException.ThrowIfAny(spec.FindProblems("run"));
        return new SimulationQuestion(spec, ranking.Count > 1 ? ranking : []);
    }

    private RunScale Scale(ParseResult arguments)
    {
        var perServer = arguments.GetValue(_gpusPerServer);
        return new RunScale(arguments.GetValue(_gpus) / perServer, perServer, arguments.GetValue(_replicas), arguments.GetValue(_step));
    }

    private IEnumerable<string> FindProblemsOfSize(ParseResult arguments, IReadOnlyList<RecoveryPolicy> policies)
    {
        var (gpus, perServer, replicas) = (arguments.GetValue(_gpus), arguments.GetValue(_gpusPerServer), arguments.GetValue(_replicas));
        var below = gpus / perServer * perServer;
        if (gpus < perServer || gpus != below)
        {
            var remedy = gpus < perServer ? $"{perServer} or more" : $"{below} or {below + (long)perServer}";
            yield return $"--gpus is {gpus}, but a run takes whole servers of {perServer} GPUs. Use {remedy}.";
        }

        if (!(arguments.GetValue(_step) > 0))
            yield return $"--step-s is {arguments.GetValue(_step)} s, but a step takes time. Use a number above 0.";
        if (replicas < 1)
            yield return $"--replicas is {replicas}, but a run has 1 replica or more.";
        else if (replicas == 1 && policies is [{ DropsReplicas: true }])
            yield return "--replicas is 1, but the policy goes on without the replica that fails, and then none is left. Use 2 or more.";
        if (arguments.GetValue(_steps) is null == arguments.GetValue(_days) is null)
        {
            var places = arguments.GetValue(_days) is null ? "nowhere" : "twice";
            yield return $"The length of the run is given {places}. Give --steps or --days.";
        }
    }

    private static IReadOnlyList<RecoveryPolicy> Policies(string? name, ReliabilityCatalog catalog, ReliabilityPreset? rates)
    {
        if (rates is { Rates: null })
        {
            throw new ConfigException(
                $"--rates is {rates.Name}, which says what is done on a failure, but not how often one comes. Name it with --policy.");
        }

        if (name == Auto)
            return [.. catalog.Names.Select(preset => catalog.Read(preset).Recovery).OfType<RecoveryPolicy>()];
        var preset = name is null ? rates : catalog.Read(name);
        if (preset is null)
            return [];
        return preset.Recovery is { } policy
            ? [policy]
            : throw new ConfigException($"{preset.Name} has rates, but no recovery. Name a policy with --policy, or --policy auto.");
    }

    private static Seconds? ReadInterval(string text)
    {
        if (text == Auto)
            return null;
        if (Seconds.Parse(text) is { } interval)
            return interval;
        throw new ConfigException(double.TryParse(text, out _)
            ? $"--interval is {text}, which has no unit. Write {text}s or {text}min, or auto."
            : $"--interval is \"{text}\", but it must be a time with its unit such as 90s, 10min or 1.8h, or auto.");
    }

    private static int? ReadSpares(string text) => text == Auto ? null : int.TryParse(text, out var spares) && spares >= 0
        ? spares
        : throw new ConfigException($"--spares is \"{text}\", but it counts servers. Use a whole number, 0 or more, or auto.");

    private static T? Try<T>(Func<T> read, List<string> problems)
    {
        try
        {
            return read();
        }
        catch (ConfigException error)
        {
            problems.AddRange(error.Problems);
            return default;
        }
    }
}
