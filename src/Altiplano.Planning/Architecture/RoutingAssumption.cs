using System.Collections.Immutable;

namespace Altiplano.Planning.Architecture;

/// <summary>Which experts tokens visit where no router has looked at them: in a plan, and in a step on shapes.</summary>
public sealed record RoutingAssumption
{
    private RoutingAssumption(ImmutableArray<double> shares) => Shares = shares;

    /// <summary>Every expert is visited as often as every other.</summary>
    public static RoutingAssumption Balanced { get; } = new([]);

    /// <summary>Share of the visits that each expert gets, of a sum of 1; empty where they are equal.</summary>
    public ImmutableArray<double> Shares { get; }

    /// <summary>The load that some run measured.</summary>
    /// <param name="visits">Of each expert, in any unit.</param>
    /// <exception cref="ConfigException">A load is below 0, or all are 0.</exception>
    public static RoutingAssumption Measured(IReadOnlyList<double> visits)
    {
        var sum = visits.Sum();
        if (!(sum > 0) || visits.Any(load => load < 0))
            throw new ConfigException($"The measured load of experts is {string.Join(", ", visits)}, but none is below 0, and one or more above.");
        return new RoutingAssumption([.. visits.Select(load => load / sum)]);
    }

    /// <summary>Visits of each expert, of so many together.</summary>
    /// <exception cref="ConfigException">The load was measured on another number of experts.</exception>
    public long[] CountsOf(long visits, int numExperts)
    {
        if (!Shares.IsEmpty && Shares.Length != numExperts)
        {
            throw new ConfigException(
                $"The measured load is of {Shares.Length} experts, but the model has {numExperts}. Measure it on this model, or assume balance.");
        }

        var (counts, before, done) = (new long[numExperts], 0.0, 0L);
        for (var expert = 0; expert < numExperts; expert++)
        {
            before += Shares.IsEmpty ? 1.0 / numExperts : Shares[expert];
            var end = expert == numExperts - 1 ? visits : Math.Min(visits, (long)Math.Round(visits * before));
            (counts[expert], done) = (end - done, end);
        }

        return counts;
    }

    public bool Equals(RoutingAssumption? other) => other is not null && Shares.SequenceEqual(other.Shares);

    public override int GetHashCode() => Shares.Aggregate(0, HashCode.Combine);
}
