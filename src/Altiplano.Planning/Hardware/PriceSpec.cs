using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>What things cost; capital is spread over <paramref name="AmortisationYears"/>.</summary>
/// <param name="RentalPerGpuHour">What a GPU-hour costs to rent.</param>
/// <param name="EnergyPerKwh">At the meter.</param>
/// <param name="FacilityPerMw">Building and power chain for each MW of IT, spread over <paramref name="FacilityYears"/>.</param>
/// <param name="OperationsPerGpuHour">Staff, spares, maintenance.</param>
public sealed record PriceSpec(
    Dollars RentalPerGpuHour, Dollars EnergyPerKwh, double AmortisationYears, Dollars FacilityPerMw, double FacilityYears,
    Dollars OperationsPerGpuHour)
{
    private static readonly Dollars MostOfGpuHour = new(1e3);
    private static readonly Dollars MostOfKwh = new(100);
    private static readonly Dollars MostOfMw = new(1e9);
    private const double MostYears = 100;

    /// <summary>Every price that cannot be, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.RequireNotNegative(RentalPerGpuHour.Value, "rental_per_gpu_hour", RentalPerGpuHour);
        problems.RequireNotNegative(EnergyPerKwh.Value, "energy_per_kwh", EnergyPerKwh);
        problems.RequirePositive(AmortisationYears, "amortisation_years", AmortisationYears);
        problems.RequireNotNegative(FacilityPerMw.Value, "facility_per_mw", FacilityPerMw);
        problems.RequirePositive(FacilityYears, "facility_years", FacilityYears);
        problems.RequireNotNegative(OperationsPerGpuHour.Value, "operations_per_gpu_hour", OperationsPerGpuHour);
        foreach (var (key, price, most) in new[]
        {
            ("rental_per_gpu_hour", RentalPerGpuHour, MostOfGpuHour), ("energy_per_kwh", EnergyPerKwh, MostOfKwh),
            ("facility_per_mw", FacilityPerMw, MostOfMw), ("operations_per_gpu_hour", OperationsPerGpuHour, MostOfGpuHour),
        })
        {
            problems.RequireAtMost(price.Value, most.Value, key, price, most);
        }

        problems.RequireAtMost(AmortisationYears, MostYears, "amortisation_years", AmortisationYears, MostYears);
        problems.RequireAtMost(FacilityYears, MostYears, "facility_years", FacilityYears, MostYears);
        return problems.Problems;
    }
}
