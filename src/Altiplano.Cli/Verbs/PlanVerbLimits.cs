using System.CommandLine;
using System.Globalization;
using Altiplano.Cli.Plans;
using Altiplano.Planning.Search;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Verbs;

/// <summary>The options of <c>plan</c> that say what a run may take at most.</summary>
internal sealed class PlanVerbLimits
{
    private readonly Option<string?> _maxMw = new("--max-mw") { Description = "What the facility may draw for the run: 150 or 150MW, 800kW.", HelpName = "MEGAWATTS" };
    private readonly Option<string?> _maxCost = new("--max-cost") { Description = "What the run may cost, such as 80M$.", HelpName = "DOLLARS" };
    private readonly Option<string?> _deadline = new("--deadline") { Description = "How long the run may take, such as 54d.", HelpName = "TIME" };

    public void AddTo(Command command)
    {
        command.Add(_maxMw);
        command.Add(_maxCost);
        command.Add(_deadline);
    }

    /// <exception cref="ConfigException">Lists every limit that is none.</exception>
    public PlanLimits Read(ParseResult arguments)
    {
        var problems = new ProblemCollector();
        var power = arguments.GetValue(_maxMw) is { } watts ? problems.Try(() => ReadPower(watts)) : (Watts?)null;
        var cost = arguments.GetValue(_maxCost) is { } money ? problems.Try(() => ReadDollars(money)) : (Dollars?)null;
        var deadline = arguments.GetValue(_deadline) is { } time ? problems.Try(() => ReadTime(time)) : (Seconds?)null;
        problems.ThrowIfAny();
        return new PlanLimits(power, cost, deadline);
    }

    /// <summary>A bare number counts megawatts, as the option's name says.</summary>
    private static Watts ReadPower(string text)
    {
        var power = Watts.Parse(text) ?? (double.TryParse(text, CultureInfo.InvariantCulture, out var megawatts) ? new Watts(megawatts * 1e6) : null);
        return power is { Value: > 0 and < double.PositiveInfinity } given
            ? given
            : throw new ConfigException($"--max-mw is \"{text}\", but it must be a power above 0, such as 150, 150MW or 800kW.");
    }

    private static Dollars ReadDollars(string text) => Dollars.Parse(text) is { Value: > 0 } dollars
        ? dollars
        : throw new ConfigException($"--max-cost is \"{text}\", but it must be an amount of money above 0 with its unit, such as 250k$ or 80M$.");

    private static Seconds ReadTime(string text) => Seconds.Parse(text) is { Value: > 0 } seconds
        ? seconds
        : throw new ConfigException($"--deadline is \"{text}\", but it must be a time above 0 with its unit, such as 36h or 54d.");
}
