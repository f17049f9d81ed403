using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>The power chain from the grid to the racks.</summary>
/// <param name="Pue">Facility power over IT power, averaged over a year.</param>
/// <param name="Capacity">The most that the site may draw at the meter.</param>
/// <param name="GridCarbon">Grams of CO2 equivalent for each kWh, by location.</param>
/// <param name="OtherItPerGpu">Management and login servers for each GPU.</param>
public sealed record FacilitySpec(double Pue, Watts Capacity, double GridCarbon, Watts OtherItPerGpu)
{
    private const double MostPue = 10;
    private const double MostCarbon = 10_000;
    private static readonly Watts MostCapacity = new(1e12);
    private static readonly Watts MostPerGpu = new(1e5);

    /// <summary>Every reason why there is no such facility, each prefixed with <paramref name="path"/>.</summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        problems.Require(
            Pue >= 1 && double.IsFinite(Pue), "pue", Pue,
            "a facility draws no less than its machines. Use 1 or more; built for such clusters, 1.08 to 1.3.");
        problems.RequirePositive(Capacity.Value, "capacity", Capacity);
        problems.RequireNotNegative(GridCarbon, "grid_carbon", $"{GridCarbon}g/kWh");
        problems.RequireNotNegative(OtherItPerGpu.Value, "other_it_per_gpu", OtherItPerGpu);
        problems.RequireAtMost(Pue, MostPue, "pue", Pue, MostPue);
        problems.RequireAtMost(Capacity.Value, MostCapacity.Value, "capacity", Capacity, MostCapacity);
        problems.RequireAtMost(GridCarbon, MostCarbon, "grid_carbon", $"{GridCarbon}g/kWh", $"{MostCarbon}g/kWh");
        problems.RequireAtMost(OtherItPerGpu.Value, MostPerGpu.Value, "other_it_per_gpu", OtherItPerGpu, MostPerGpu);
        return problems.Problems;
    }
}
