using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>Every combination of the axes for one phase on so many GPUs, the user's choices kept.</summary>
/// <remarks>
/// Only what divides the GPUs, the heads, the sequence and the batch is made; the rest of the rules is
/// <see cref="LayoutRules"/>'. A layout is made once: where an axis has degree 1, choices that mean nothing then have
/// their default, and without sharding (ZeRO 0) all data-parallel ranks are on dp_shard.
/// </remarks>
internal sealed class SearchSpace(PlanRequest request, PlanPhase phase, int world)
{
    /// <summary>Sizes of a microbatch up to this one are all tried.</summary>
    private const int EverySize = 64;

    /// <summary>No larger microbatch is tried unless given: products are long past full efficiency.</summary>
    private const int MostMicroBatch = 4096;

    private readonly FixedChoices _fixed = request.Fixed;
    private readonly int[] _expertDegrees = Keep(request.Fixed.Ep, Divisors.Of(request.Model.Mixture?.NumExperts ?? 1));

    public IEnumerable<TrunkAxes> Trunks() =>
        from tp in Keep(_fixed.Tp, Divisors.Of(world))
        where request.Model.NumAttentionHeads % tp == 0
        from cp in Keep(_fixed.Cp, Divisors.Of(world / tp))
        where phase.SeqLen % (cp > 1 ? 2L * cp : 1) == 0
        from pp in Keep(_fixed.Pp, Divisors.Of(world / tp / cp))
        where pp <= MaxChunks
        let dp = world / tp / cp / pp
        where dp <= phase.MaxBatchSequences
        from microBatch in MicroBatchSizes(phase.MaxBatchSequences / dp)
        let axes = AxesOf(new Trunk(world, tp, cp, pp, dp, microBatch))
        where axes.MicroBatches.Fewest <= axes.MicroBatches.Most && axes.Layouts > 0
        select axes;

    /// <summary>Every size where sizes are small; above, where one more changes little, products of 2, 3, 5 and 7.</summary>
    private IEnumerable<int> MicroBatchSizes(long most)
    {
        if (_fixed.MicroBatchSize.Given is { } given)
            return given <= most ? [given] : [];
        return Enumerable.Range(1, (int)Math.Min(most, MostMicroBatch)).Where(size => size <= EverySize || WorldSizes.IsSmooth(size));
    }

    private TrunkAxes AxesOf(Trunk trunk)
    {
        var experts = Experts(trunk).ToArray();
        var variants =
            from isSequenceParallel in Keep(_fixed.SequenceParallel, trunk.Tp == 1 ? [false] : [true, false])
            from recompute in Keep(_fixed.Recompute, [Recompute.None, Recompute.Selective, Recompute.Full])
            from cpMethod in Keep(
                _fixed.CpMethod,
                trunk.Cp == 1 ? [ContextParallelMethod.AllGather] : [ContextParallelMethod.AllGather, ContextParallelMethod.Ring])
            from expert in experts
            select (expert.Shardings, Layout: new Layout
            {
                Tp = trunk.Tp, Cp = trunk.Cp, Ep = expert.Ep, MicroBatchSize = trunk.MicroBatchSize, HasSequenceParallel = isSequenceParallel,
                Recompute = recompute, CpMethod = cpMethod, ZeroStage = expert.ZeroStage,
            });
        var all = variants.ToArray();
        return new TrunkAxes
        {
            Trunk = trunk,
            MicroBatches = (Math.Max(1, CeilingOf(phase.MinBatchSequences, trunk.Sequences)), phase.MaxBatchSequences / trunk.Sequences),
            Schedules = [.. Schedules(trunk.Pp)],
            Variants = [.. all.Select(v => v.Layout)],
            Shardings = [.. all.Select(v => v.Shardings)],
        };
    }

    private IEnumerable<(PipelineScheduleKind Kind, int VirtualStages)> Schedules(int pp)
    {
        const PipelineScheduleKind Interleaved = PipelineScheduleKind.InterleavedOneForwardOneBackward;
        IEnumerable<PipelineScheduleKind> kinds = _fixed.Schedule.Given is { } given ? [given] : request.Schedules;
        if (pp == 1)
            kinds = kinds.Where(kind => kind == PipelineScheduleKind.OneForwardOneBackward);
        var all = kinds.SelectMany(kind => kind == Interleaved
            ? Enumerable.Range(2, Math.Max(0, MaxChunks / pp - 1)).Select(chunks => (Kind: kind, VirtualStages: chunks))
            : [(Kind: kind, VirtualStages: 1)]);
        return all.Where(s => s.VirtualStages == _fixed.VirtualStages.Or(s.VirtualStages));
    }

    /// <summary>
    /// Each chunk that is the search's choice holds a decoder layer, as frameworks ask for; who gives the pipeline may
    /// have chunks of the embedding or the head alone.
    /// </summary>
    private int MaxChunks => IsPipelineGiven ? LayoutRules.MaxChunks(request.Model) : request.Model.NumLayers;

    private bool IsPipelineGiven => !_fixed.Pp.IsAuto && !_fixed.HasOpenPipeline;

    private IEnumerable<(int Ep, int ZeroStage, Sharding[] Shardings)> Experts(Trunk trunk)
    {
        var shardings = Shardings(trunk).ToArray();
        int[] kinds = ShardedStack.Runs(2, trunk.Tp, trunk.Pp) ? [0, 2, 3] : [0, 3];
        return from ep in _expertDegrees
               from zero in kinds
               select (ep, zero, shardings.Where(s => KindOf(s) == zero && (long)s.DpShard * trunk.Cp % ep == 0).ToArray());

        int KindOf(Sharding sharding) => Array.IndexOf(kinds, sharding.ZeroStage) >= 0 ? sharding.ZeroStage : 0;
    }

    /// <summary>What shards most first.</summary>
    private IEnumerable<Sharding> Shardings(Trunk trunk)
    {
        var all = from shard in Divisors.Of(trunk.Dp).Reverse()
                  from zero in new[] { 3, 2, 1, 0 }
                  let sharding = new Sharding(shard, trunk.Dp / shard, zero)
                  where zero == 0 ? IsUnsharded(sharding, trunk.Dp) : (long)shard * trunk.Cp > 1
                  select sharding;
        return all.Where(s => s.DpShard == _fixed.DpShard.Or(s.DpShard) && s.DpReplicate == _fixed.DpReplicate.Or(s.DpReplicate)
            && s.ZeroStage == _fixed.ZeroStage.Or(s.ZeroStage));
    }

    /// <summary>Without sharding the split of the ranks means nothing: only one is made, the user's where there is one.</summary>
    private bool IsUnsharded(Sharding sharding, int dp) =>
        sharding.DpShard == _fixed.DpShard.Or(dp / _fixed.DpReplicate.Or(1));

    private static T[] Keep<T>(OrAuto<T> given, T[] all)
        where T : struct => given.Given is not { } value ? all : Array.IndexOf(all, value) >= 0 ? [value] : [];

    private static long CeilingOf(long number, long divisor) => (number + divisor - 1) / divisor;
}
