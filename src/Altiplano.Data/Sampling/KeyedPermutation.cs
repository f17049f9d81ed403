using System.Numerics;

namespace Altiplano.Data.Sampling;

/// <summary>A shuffle of the numbers 0 to Count - 1 that is computed number by number, without a table.</summary>
/// <remarks>
/// A balanced Feistel network over the next even power of two, with Philox as its round function, walked until the result is in
/// range (cycle walking: Black, Rogaway, "Ciphers with arbitrary finite domains", 2002). Fewer than 4 walks are needed on
/// average.
/// </remarks>
public readonly struct KeyedPermutation
{
    private const int NumRounds = 8;

    private readonly int _halfBits;
    private readonly (uint, uint) _key;
    private readonly uint _stream;
    private readonly uint _epoch;

    /// <param name="count">1 to 2^62.</param>
    /// <param name="stream">Tells the permutations of one seed apart, for example by data set.</param>
    /// <param name="epoch">Each epoch has its own order.</param>
    public KeyedPermutation(long count, ulong seed, uint stream, uint epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, 1L << 62);
        Count = count;
        _halfBits = (65 - BitOperations.LeadingZeroCount((ulong)(count - 1))) / 2;
        _key = ((uint)seed, (uint)(seed >> 32));
        (_stream, _epoch) = (stream, epoch);
    }

    public long Count { get; }

    /// <returns>The number at a place of the shuffled order; each number has one place.</returns>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, Count);
            do
                place = Encrypt(place);
            while (place >= Count);
            return place;
        }
    }

    private long Encrypt(long number)
    {
        var mask = (uint)((1UL << _halfBits) - 1);
        var left = (uint)(number >> _halfBits);
        var right = (uint)number & mask;
        for (var round = 0u; round < NumRounds; round++)
            (left, right) = (right, left ^ (Philox.Block((right, round, _stream, _epoch), _key).X0 & mask));
        return ((long)left << _halfBits) | right;
    }
}
