using Altiplano.Planning.Units;

namespace Altiplano.Planning.Search;

/// <summary>What a run may take at most; null where nothing limits it.</summary>
/// <param name="Power">Of the facility, at the meter.</param>
/// <param name="Cost">Of the whole run.</param>
/// <param name="Deadline">From the first step to the last, failures counted.</param>
public sealed record PlanLimits(Watts? Power = null, Dollars? Cost = null, Seconds? Deadline = null)
{
    public static PlanLimits None { get; } = new();

    /// <summary>What sets <see cref="Power"/>, as messages name it.</summary>
    public string PowerSource { get; init; } = "--max-mw";

    public bool Allow(in RunEconomics run) =>
        !(run.FacilityWatts > Power?.Value) && !(run.Dollars > Cost?.Value) && !(run.Seconds > Deadline?.Value);
}
