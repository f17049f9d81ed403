using System.Globalization;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Reliability;

/// <summary>A policy with the interval and the spares that suit a run best, and what comes of it.</summary>
public sealed record RecoveryChoice
{
    public required RecoveryPolicy Policy { get; init; }

    public required Seconds Interval { get; init; }

    public required int Spares { get; init; }

    public required RunScale Scale { get; init; }

    public required Seconds MeanTimeBetweenFailures { get; init; }

    public required GoodputShares Shares { get; init; }

    /// <summary>Training kept for each server, spares counted: what choices are compared by.</summary>
    public double PerServer => Shares.Training * Scale.Servers / (Scale.Servers + Spares);

    /// <summary>One sentence: what is done, what it yields, and what costs most.</summary>
    public override string ToString()
    {
        var (worst, share) = Shares.Losses()[0];
        var least = Math.Max(Scale.StepSeconds, Policy.LeastInterval);
        var bound = Interval.Value > least * 1.001 ? "" : Policy.LeastInterval > Scale.StepSeconds
            ? ", as short as the background write allows" : ", every step";
        return $"{Policy.Name} trains {Percent(Shares.Training)} of the time with a checkpoint every {Interval.ToShortString()}{bound}, " +
            $"and {Spares} spares; a failure comes every {MeanTimeBetweenFailures.ToShortString()}, " +
            $"and most is lost to {worst}, {Percent(share)}.";
    }

    /// <summary>One sentence on why this choice was put before another: the loss in which they differ most.</summary>
    public string Against(RecoveryChoice other)
    {
        var (name, more) = other.Shares.Losses().Join(
                Shares.Losses(), theirs => theirs.Name, ours => ours.Name, (theirs, ours) => (ours.Name, theirs.Share - ours.Share))
            .MaxBy(loss => loss.Item2);
        return $"{Policy.Name} is put before {other.Policy.Name}, {Percent(PerServer)} against {Percent(other.PerServer)} for each server, " +
            $"spares counted: {other.Policy.Name} loses {Percent(more)} more of the time to {name}.";
    }

    private static string Percent(double share) => (share * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
