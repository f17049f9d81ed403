namespace Altiplano.Planning.Reliability;

/// <summary>
/// Checkpoints in the memory of the servers that train, every so many of them also on disk: what is kept of a server's
/// memory serves a restart in place, a lost server sends everybody back to the disk.
/// </summary>
internal static class TwoLevelCheckpoints
{
    /// <summary>Share of the time that trains for good.</summary>
    /// <param name="failures">Failures a second; at least one.</param>
    /// <param name="segment">Seconds of training between two checkpoints in memory.</param>
    /// <param name="blocking">Seconds that each stops training.</param>
    /// <param name="perDisk">Checkpoints in memory from one on disk to the next.</param>
    /// <param name="survival">Chances that nothing fails during a recovery, e^(-R/M).</param>
    /// <remarks>
    /// E_k, the expected time from the start of segment k to the checkpoint on disk, obeys E_k = u + v E_(k+1) + w E_disk,
    /// E_disk = d + E_0: a failure in a segment returns to its start or to segment 0, and a recovery can fail too. A checkpoint
    /// on disk is in time to be of use unless a server is lost while it is written: the caller's factor e^(-rate x W).
    /// </remarks>
    public static double EffectiveRatio(
        in FailureClasses failures, double segment, double blocking, double perDisk, in RecoverySurvival survival)
    {
        var mean = 1 / failures.Total;
        var (toMemory, toDisk) = (failures.Kept * mean, failures.ServerLoss * mean);
        var through = Math.Exp(-(segment + blocking) / mean);
        var fails = -CheckpointFormulas.Expm1(-(segment + blocking) / mean);
        var recovers = 1 - ((1 - survival.Memory) * toMemory);
        var (failedRecovery, again) = ((1 - survival.Memory) / recovers, survival.Memory / recovers);

        var own = 1 - (fails * toMemory * again);
        var u = fails * mean * (1 + (toMemory * failedRecovery)) / own;
        var v = through / own;
        var w = fails * toDisk * (1 + (toMemory * failedRecovery)) / own;
        var visits = v > 1 - 1e-12 ? perDisk : (1 - Math.Pow(v, perDisk)) / (1 - v);
        var disk = mean * (1 - survival.FirstFromDisk) / survival.AgainFromDisk;
        var finishes = 1 - (w * visits);
        return finishes <= 0 ? 0 : perDisk * segment * finishes / (visits * (u + (w * disk)));
    }
}

/// <summary>Chances that nothing fails during a recovery, e^(-R/M).</summary>
/// <param name="Memory">From memory.</param>
/// <param name="FirstFromDisk">From disk, after a server was lost.</param>
/// <param name="AgainFromDisk">From disk, after any failure of a recovery from disk.</param>
internal readonly record struct RecoverySurvival(double Memory, double FirstFromDisk, double AgainFromDisk);
