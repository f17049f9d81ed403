namespace Altiplano.Planning.Economics;

/// <summary>Prices that no cluster file states yet.</summary>
/// <param name="DollarsPerTerabyte">Usable flash with its servers.</param>
/// <remarks>Assumed: about 100 to 150 $/TB for data-centre flash of 2024, redundancy included.</remarks>
public sealed record StoragePrices(double DollarsPerTerabyte = 120);
