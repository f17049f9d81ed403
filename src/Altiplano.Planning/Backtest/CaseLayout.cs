using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Backtest;

/// <summary>The layout of a case: Megatron's and FSDP's words in ours.</summary>
internal static class CaseLayout
{
    public static Layout Map(PublishedRun run, int gpus, CaseProblems problems)
    {
        var (tp, cp) = (run.Tp ?? 1, run.Cp ?? 1);
        var (pp, dp) = PipelineAndData(run, gpus, tp, cp, problems);
        var zero = Zero(run, tp * (long)pp, problems);
        var shard = ShardGroup(run, zero, cp, dp, problems);
        var vp = pp > 1 ? run.Vp ?? 1 : 1;
        var ep = run.Ep ?? 1;
        problems.RefuseUnless((long)shard * cp % ep == 0,
            $"ep is {ep}, but the {(long)shard * cp} ranks of dp x cp that hold different shards must divide by it.",
            "ep", "dp", "cp", "pp", "tp", "gpus", "zero", "fsdp_shard_group", "zero1_group");
        problems.RefuseUnless(pp > 1 || run.Vp is not > 1, $"vp is {run.Vp}, but pp is {pp}: chunks of a rank need a pipeline. Use vp 1, or pp 2 or more.",
            "vp", "pp", "dp", "tp", "cp", "gpus");
        return new Layout
        {
            Tp = tp,
            Cp = cp,
            DpShard = shard,
            DpReplicate = dp / shard,
            Pp = pp,
            Ep = ep,
            VirtualStages = vp,
            MicroBatchSize = run.MicroBatch ?? 1,
            ZeroStage = zero,
            HasSequenceParallel = run.SequenceParallel ?? tp > 1,
            Recompute = Recompute(run, problems),
            Schedule = vp > 1 ? PipelineScheduleKind.InterleavedOneForwardOneBackward : PipelineScheduleKind.OneForwardOneBackward,
            CpMethod = ContextParallelMethod.Ring,
        };
    }

    /// <summary>Share of the layers that are recomputed; a number above a stage's layers counts the whole model's.</summary>
    public static double RecomputeShare(PublishedRun run, int numLayers, int pp)
    {
        if (run.RecomputeLayers is not { } recomputed)
            return 1;
        var ofStage = (double)numLayers / pp;
        return Math.Min(1, recomputed / (recomputed > ofStage ? numLayers : ofStage));
    }

    /// <summary>Either degree follows from the other and the number of GPUs.</summary>
    private static (int Pp, int Dp) PipelineAndData(PublishedRun run, int gpus, int tp, int cp, CaseProblems problems)
    {
        var (given, rest) = (run.Pp ?? run.Dp ?? 1, 1);
        var inner = (long)tp * cp * given;
        if (run.Pp is null && run.Dp is null)
            problems.RefuseUnless(false, "pp and dp are not given. One of them is needed; the other follows from gpus.", "pp", "dp");
        else if (run.Pp is not null && run.Dp is not null)
            rest = run.Dp.Value;
        else if (gpus % inner == 0)
            rest = (int)(gpus / inner);
        var pp = run.Pp ?? rest;
        var dp = run.Pp is null ? run.Dp ?? 1 : rest;
        var product = (double)tp * cp * pp * dp;
        var isWhole = run.Gpus is null || (run.Pp is null && run.Dp is null) || product == gpus;
        problems.RefuseUnless(isWhole,
            $"tp {tp} x pp {pp} x cp {cp} x dp {dp} is {product}, but gpus is {gpus}. The degrees must multiply to gpus.",
            "tp", "pp", "cp", "dp", "gpus");
        if (!isWhole)
            problems.MarkReported("gpus");
        return (pp, dp);
    }

    private static int Zero(PublishedRun run, long modelParallel, CaseProblems problems)
    {
        var zero = problems.Assume(run.Zero, modelParallel == 1 ? 3 : 1, "zero");
        problems.RefuseUnless(zero is >= 0 and <= 3, $"zero is {zero}. The stages are 0, 1, 2 and 3.");
        return zero;
    }

    /// <returns>Data-parallel ranks over which a replica is sharded; a group counts the context-parallel ranks with them.</returns>
    private static int ShardGroup(PublishedRun run, int zero, int cp, int dp, CaseProblems problems)
    {
        var (group, path) = zero >= 2 ? (run.FsdpShardGroup, "fsdp_shard_group") : zero == 1 ? (run.Zero1Group, "zero1_group") : (null, "");
        if (group is not { } ranks)
            return dp;
        var shard = ranks % cp == 0 ? ranks / cp : ranks;
        if (dp % shard == 0)
            return shard;
        problems.RefuseUnless(false, $"{path} is {ranks}, but the {(long)dp * cp} ranks of dp x cp must divide into groups of it.",
            "tp", "pp", "cp", "dp", "gpus", "zero");
        return dp;
    }

    private static Recompute Recompute(PublishedRun run, CaseProblems problems)
    {
        switch (run.Recompute?.Trim().ToLowerInvariant())
        {
            case "none" or "no" or "off":
                return Planning.Recompute.None;
            case "selective":
                return Planning.Recompute.Selective;
            case "full":
                return Planning.Recompute.Full;
            case null:
                return run.RecomputeLayers > 0 ? Planning.Recompute.Full : Planning.Recompute.None;
            default:
                problems.Problems.Add($"recompute is \"{run.Recompute}\". It is none, selective or full.");
                return Planning.Recompute.None;
        }
    }
}
