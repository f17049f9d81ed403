namespace Altiplano.Planning.Search;

/// <summary>How much more a plan takes than before, as shares: 0.021 is 2.1 % more, negative is less.</summary>
/// <param name="Step">One optimizer step of the main phase.</param>
/// <param name="Seconds">Of the whole run, failures counted.</param>
/// <param name="FacilityWatts">At the meter, in the main phase.</param>
public readonly record struct PlanChange(double Step, double Seconds, double Dollars, double Joules, double FacilityWatts)
{
    public double Of(Objective objective) => objective switch
    {
        Objective.Time => Seconds,
        Objective.Cost => Dollars,
        _ => Joules,
    };
}
