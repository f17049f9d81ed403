namespace Altiplano.Planning.Economics;

/// <summary>Dollars of a run, by part if its owner owns the cluster, and in one sum if it is rented.</summary>
public readonly record struct RunMoney(double Machines, double Building, double Energy, double Operations, double Rented)
{
    public double Capital => Machines + Building;

    public double Owned => Capital + Energy + Operations;

    public static RunMoney operator +(RunMoney a, RunMoney b) => new(
        a.Machines + b.Machines, a.Building + b.Building, a.Energy + b.Energy, a.Operations + b.Operations, a.Rented + b.Rented);
}
