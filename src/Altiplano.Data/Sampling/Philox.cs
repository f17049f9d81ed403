namespace Altiplano.Data.Sampling;

/// <summary>Philox4x32-10: 128 random bits as a pure function of a counter and a key.</summary>
/// <remarks>Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.</remarks>
public static class Philox
{
    private const int NumRounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9; // golden ratio
    private const uint Weyl1 = 0xBB67AE85; // square root of 3, less 1

    public static (uint X0, uint X1, uint X2, uint X3) Block((uint X0, uint X1, uint X2, uint X3) counter, (uint K0, uint K1) key)
    {
        var (x0, x1, x2, x3) = counter;
        var (k0, k1) = key;
        for (var round = 0; round < NumRounds; round++)
        {
            var product0 = (ulong)Multiplier0 * x0;
            var product1 = (ulong)Multiplier1 * x2;
            (x0, x1, x2, x3) = (
                (uint)(product1 >> 32) ^ x1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ x3 ^ k1, (uint)product0);
            (k0, k1) = (unchecked(k0 + Weyl0), unchecked(k1 + Weyl1));
        }

        return (x0, x1, x2, x3);
    }
}
