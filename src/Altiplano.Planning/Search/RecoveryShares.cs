using Altiplano.Planning.Reliability;

namespace Altiplano.Planning.Search;

/// <summary>What failures make of a run's time, without the words: shares of the wall-clock time.</summary>
/// <param name="Training">That trains for good.</param>
/// <param name="Stepping">In which GPUs step, lost steps included; for the rest they stand still.</param>
/// <param name="SpareShare">Spare servers over training ones.</param>
public readonly record struct RecoveryShares(double Training, double Stepping, double SpareShare)
{
    public static RecoveryShares WithoutFailures { get; } = new(1, 1, 0);

    public static RecoveryShares Of(RecoveryChoice choice)
    {
        var shares = choice.Shares;
        var stopped = shares.Checkpoints + shares.Recovery + shares.Waiting + shares.DroppedReplicas;
        return new RecoveryShares(shares.Training, Math.Max(shares.Training, 1 - stopped), (double)choice.Spares / choice.Scale.Servers);
    }
}
