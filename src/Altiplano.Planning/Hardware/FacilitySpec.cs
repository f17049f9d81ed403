using Altiplano.Planning.Units;

namespace Altiplano.Planning.Hardware;

/// <summary>The power chain from the grid to the racks.</summary>
/// <param name="Pue">Facility power over IT power, averaged over a year.</param>
/// <param name="Capacity">The most that the site may draw at the meter.</param>
/// <param name="GridCarbon">Grams of CO2 equivalent for each kWh, by location.</param>
/// <param name="OtherItPerGpu">Management and login servers for each GPU.</param>
public sealed record FacilitySpec(double Pue, Watts Capacity, double GridCarbon, Watts OtherItPerGpu)
{
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
        return problems.Problems;
    }
}
