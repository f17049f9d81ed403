namespace Altiplano.Planning.Simulation;

/// <summary>Random numbers of one run: the i-th is a pure function of seed, stream and i, on any number of threads.</summary>
/// <remarks>SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.</remarks>
public struct CounterRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private readonly ulong _key;
    private ulong _counter;

    public CounterRandom(long seed, int stream)
    {
        _key = Mix(unchecked((Mix((ulong)seed) * 3) + Mix((ulong)stream + Golden)));
        _counter = 0;
    }

    /// <summary>Uniform above 0, up to 1.</summary>
    public double NextUniform() => ((Next() >> 11) + 1) * (1.0 / (1UL << 53));

    /// <summary>Exponential with the given mean; endless where the mean is.</summary>
    public double NextExponential(double mean) => double.IsPositiveInfinity(mean) ? mean : -Math.Log(NextUniform()) * mean;

    private ulong Next() => unchecked(Mix(_key + (++_counter * Golden)));

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
