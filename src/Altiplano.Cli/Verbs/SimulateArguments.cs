using System.CommandLine;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Reliability;
using Altiplano.Planning.Search;
using Altiplano.Planning.Simulation;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>A run to be simulated, and how it was come by.</summary>
/// <param name="Ranking">Every policy that was compared, the best first; empty where one was named.</param>
/// <param name="Plan">The plan that found its step, servers and watts; null where flags say them.</param>
internal sealed record SimulationQuestion(SimulatedRunSpec Spec, IReadOnlyList<RecoveryChoice> Ranking, TrainingPlan? Plan = null);

/// <summary>The options of <c>simulate</c> that describe the run: a plan's, or flags, and what replaces their choices.</summary>
internal sealed class SimulateArguments
{
    private const string Auto = "auto";

    private static readonly (string Key, string Option)[] Words =
    [
        ("run.interval", "--interval"), ("run.spares", "--spares"), ("run.replicas", "--replicas"), ("run.step", "--step-s"), ("run.steps", "--steps"),
        ("run.duration", "--days"),
    ];

    private readonly PlanVerbArguments _plan = new();
    private readonly SimulateFlags _flags;

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
        Description = "Watts of a GPU with its share of all around it, by state; those not named are the plan's, or with --step-s: " +
            "compute=842,communication=500,checkpoint=350,restart=300,idle=250,communication_share=0.",
        HelpName = "STATE=W,...",
    };

    public SimulateArguments()
    {
        _plan.Recovery.Aliases.Add("--policy");
        _flags = new SimulateFlags(_plan.Gpus, _plan.Recovery);
    }

    /// <summary>Threads of the search and of the simulation, without influence on the result.</summary>
    public Option<int?> Threads => _plan.Threads;

    public void AddTo(Command command)
    {
        _plan.AddTo(command);
        _flags.AddTo(command);
        foreach (var option in new Option[] { _interval, _spares, _watts })
            command.Add(option);
    }

    /// <exception cref="ConfigException">Lists every problem of the run.</exception>
    public SimulationQuestion Read(ParseResult arguments)
    {
        var isPlanned = _plan.IsGiven(arguments);
        var problems = new ProblemCollector();
        var request = isPlanned ? problems.Try(() => _plan.Read(arguments).Request) : null;
        var flags = isPlanned ? null : problems.Try(() => _flags.ReadRates(arguments));
        var interval = problems.Try(() => ReadInterval(arguments.GetRequiredValue(_interval)));
        var spares = problems.Try(() => ReadSpares(arguments.GetRequiredValue(_spares)));
        var watts = problems.Try(() => PowerFormat.Read(arguments.GetValue(_watts), new PowerLevels()));
        foreach (var problem in isPlanned ? _flags.FindPlanned(arguments) : _flags.FindProblems(arguments, flags))
            problems.Add(problem);
        problems.ThrowIfAny();

        var question = request is null ? _flags.Read(arguments, flags!) : Planned(request);
        var spec = question.Spec with
        {
            Spares = spares ?? question.Spec.Spares,
            Interval = interval ?? question.Spec.Interval,
            Power = request is null ? watts! : PowerFormat.Read(arguments.GetValue(_watts), question.Spec.Power),
        };
        ConfigException.ThrowIfAny(InWordsOfOptions(spec.FindProblems("run")));
        return question with { Spec = spec, Ranking = question.Ranking.Count > 1 ? question.Ranking : [] };
    }

    /// <summary>The rules of runs speak of keys.</summary>
    private static IReadOnlyList<string> InWordsOfOptions(IReadOnlyList<string> problems) =>
    [
        .. problems.Select(problem => Words.FirstOrDefault(word => problem.StartsWith(word.Key + " ", StringComparison.Ordinal)) is (string key, string option)
            ? option + problem[key.Length..] : problem),
    ];

    private static SimulationQuestion Planned(PlanRequest request)
    {
        if (request.Reliability is null)
            throw new ConfigException("--recovery is none, which leaves failures out, but they are what is simulated. Name a policy, or auto.");
        var plan = new Planner(request).Plan();
        var run = SimulatedPlan.Of(plan);
        return new SimulationQuestion(run.Spec, run.Ranking, plan);
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
}
