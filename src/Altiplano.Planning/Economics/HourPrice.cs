namespace Altiplano.Planning.Economics;

/// <summary>Dollars of one GPU for one hour, owned or rented.</summary>
/// <param name="Machines">Write-off of servers, network and storage.</param>
/// <param name="Building">Write-off of building and power chain.</param>
/// <param name="Energy">At the meter.</param>
/// <param name="Operations">Staff, spares, maintenance.</param>
/// <param name="Rental">What the market asks instead of all of these.</param>
public readonly record struct HourPrice(double Machines, double Building, double Energy, double Operations, double Rental)
{
    public double Owned => Machines + Building + Energy + Operations;
}
