using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;

namespace Altiplano.Planning.Search;

/// <summary>Says of a search that found nothing what came nearest and what would help.</summary>
internal sealed class SearchFailure(PlanRequest request, PlanPhase phase, int gpus, SearchTally found)
{
    private const double GiB = 1L << 30;
    private const double SecondsPerDay = 86400;
    private const int MostLayouts = 1000;

    public ConfigException ToException() => new(FindProblems());

    /// <summary>Why nothing was found, as it follows a colon.</summary>
    public static string WhyNot(SearchTally found) => found switch
    {
        { HasNone: true } => "no layout of all of them divides model, sequence and batch",
        { HasFitting: false } => "no layout of all of them fits in memory",
        _ => "no layout of all of them keeps the limits",
    };

    private IReadOnlyList<string> FindProblems() => found switch
    {
        { HasNone: true } => Indivisible(),
        { HasFitting: false } => [TooLarge()],
        _ => [.. OverLimits()],
    };

    /// <summary>What is wrong with the layout that comes nearest to being one.</summary>
    private IReadOnlyList<string> Indivisible()
    {
        var problems = LayoutsOfSpace().Prepend((Nearest(), phase.MinBatchSequences))
            .Select(l => LayoutRules.FindProblems(request.WorkloadOf(phase, l.Item2), request.Cluster, l.Item1, ""))
            .Where(found => found.Count > 0)
            .MinBy(found => found.Count);
        var remedy = "Give a range of batches, leave more degrees to auto, or use other --gpus.";
        var inPhase = request.Phases.Count > 1 ? $" in the phase {phase.Name}" : "";
        return
        [
            $"No layout of {gpus:N0} GPUs divides {request.Model.Name}{inPhase}, with sequences of {phase.SeqLen:N0} tokens and " +
                $"{BatchText} of them a step. {remedy}{(problems is null ? "" : " The nearest:")}",
            .. problems ?? [],
        ];
    }

    private string BatchText => phase.MinBatchSequences == phase.MaxBatchSequences
        ? $"{phase.MinBatchSequences:N0}"
        : $"{phase.MinBatchSequences:N0} to {phase.MaxBatchSequences:N0}";

    /// <summary>One layout of each trunk, as far as any has the number of GPUs.</summary>
    private IEnumerable<(Layout, long)> LayoutsOfSpace() =>
        from axes in new SearchSpace(request, phase, gpus).Trunks().Take(MostLayouts)
        from schedule in axes.Schedules.Take(1)
        let variant = Array.FindIndex(axes.Shardings, s => s.Length > 0)
        let sharding = axes.Shardings[variant][0]
        select (axes.Variants[variant] with
        {
            Pp = axes.Trunk.Pp,
            Schedule = schedule.Kind,
            VirtualStages = schedule.VirtualStages,
            DpShard = sharding.DpShard,
            DpReplicate = sharding.DpReplicate,
            ZeroStage = sharding.ZeroStage,
        }, axes.MicroBatches.Most * axes.Trunk.Sequences);

    /// <summary>The layout that the fixed choices ask for, what is auto being 1 or the rest of the GPUs.</summary>
    private Layout Nearest()
    {
        var given = request.Fixed;
        var (tp, cp, pp, replicate) = (given.Tp.Or(1), given.Cp.Or(1), given.Pp.Or(1), given.DpReplicate.Or(1));
        var rest = Math.Max(1, gpus / Math.Max(1L, (long)tp * cp * pp * replicate));
        return new Layout
        {
            Tp = tp, Cp = cp, Pp = pp, DpReplicate = replicate, DpShard = given.DpShard.Or((int)Math.Min(rest, phase.MaxBatchSequences)), Ep = given.Ep.Or(1),
            MicroBatchSize = given.MicroBatchSize.Or(1), VirtualStages = given.VirtualStages.Or(1), ZeroStage = given.ZeroStage.Or(1),
            HasSequenceParallel = given.SequenceParallel.Or(false), Recompute = given.Recompute.Or(Recompute.None),
            Schedule = given.Schedule.Or(given.VirtualStages.Or(1) > 1
                ? PipelineScheduleKind.InterleavedOneForwardOneBackward
                : PipelineScheduleKind.OneForwardOneBackward),
            CpMethod = given.CpMethod.Or(ContextParallelMethod.AllGather),
        };
    }

    private string TooLarge()
    {
        var (layout, memory, _) = found.Leanest!.Value;
        var (name, bytes) = MemoryParts.Of(memory).MaxBy(part => part.Bytes);
        var (gpu, capacity) = (request.Cluster.Gpu.Name, request.Cluster.Gpu.Memory.Value);
        var largest = $"Largest part: {name}, {bytes / GiB:0.0} GiB. {Remedy(layout, name)}";
        if (request.Fixed.HasMesh)
            return $"This layout ({LayoutText.Of(layout)}) needs {memory.Total / GiB:0.0} GiB of the {capacity / GiB:0.0} GiB of the GPU. {largest}";
        var margin = memory.Total <= capacity ? $", of which {request.MemoryLimit / GiB:0.0} GiB may be planned ({MemoryMargin.Rule})" : "";
        return $"{request.Model.Name} fits nowhere on {gpus:N0} {gpu}: the leanest layout found ({LayoutText.Of(layout)}) needs " +
            $"{memory.Total / GiB:0.0} GiB a rank; the GPU has {capacity / GiB:0.0} GiB{margin}. {largest}";
    }

    private string Remedy(in Layout layout, string largest)
    {
        var remedies = new List<string>();
        if (request.Fixed.Recompute.Given is { } kind && kind != Recompute.Full)
            remedies.Add("recompute: full");
        if (request.Fixed.ZeroStage.Given is < 3)
            remedies.Add("zero: 3");
        if (request.Fixed.Cp.Given is { } cp)
            remedies.Add($"cp: {2 * cp}, or auto");
        if (request.Fixed.MicroBatchSize.Given is > 1)
            remedies.Add("micro_batch_size: 1");
        if (remedies.Count == 0 && largest is "activations" or "temporaries" or "logits" && layout.Cp < gpus)
            remedies.Add("shorter sequences");
        remedies.Add("more GPUs");
        return $"Try {string.Join(", ", remedies.SkipLast(1).Append(remedies.Count > 1 ? $"or {remedies[^1]}" : remedies[^1]))}.";
    }

    /// <summary>
    /// Where the state of the model alone is more than the memory of all GPUs, says so; else null. No layout shares it out better than
    /// ZeRO 3 over all of them.
    /// </summary>
    public static ConfigException? StateAboveMemory(PlanRequest request, PlanPhase phase, int gpus)
    {
        var model = new MemoryModel(request.WorkloadOf(phase, gpus), request.Cluster, request.Stack.Memory);
        model.FullestStage(new Layout { DpShard = gpus, ZeroStage = 3, Recompute = Recompute.Full }, out var memory);
        var (state, room) = (memory.Parameters + memory.Gradients + memory.OptimizerState, request.MemoryLimit - memory.Framework);
        if (state <= room || !double.IsFinite(request.MemoryLimit))
            return null;
        var needed = Math.Ceiling(state * gpus / room);
        return new ConfigException(
            $"{request.Model.Name} fits nowhere on {gpus:N0} {request.Cluster.Gpu.Name}: parameters, gradients and optimizer state alone are " +
            $"{state * gpus / GiB:N0} GiB, {state / GiB:0.0} GiB a rank where ZeRO 3 shards them over all; the GPU has " +
            $"{request.Cluster.Gpu.Memory.Value / GiB:0.0} GiB. Use {needed:N0} GPUs or more.");
    }

    private IEnumerable<string> OverLimits()
    {
        var (limits, least) = (request.Limits, found.Least);
        var (days, cheapest, power) = (least.Seconds / SecondsPerDay, new Dollars(Math.Round(least.Dollars)), Power(least.FacilityWatts));
        if (limits.Power is { } megawatts && least.FacilityWatts > megawatts.Value)
        {
            yield return $"{limits.PowerSource} is {megawatts.Value / 1e6:0.###} MW, but the least that {gpus:N0} GPUs draw is {power}. " +
                "Use fewer GPUs (--gpus) or a higher limit.";
        }

        if (limits.Cost is { } cost && least.Dollars > cost.Value)
            yield return $"--max-cost is {cost}, but the cheapest layout costs {cheapest}. Train fewer tokens, or allow more.";
        if (limits.Deadline is { } deadline && least.Seconds > deadline.Value)
        {
            yield return $"--deadline is {deadline}, but the fastest layout takes {days:0.0} days. " +
                "Use more GPUs, fewer tokens, or a later date.";
        }

        if (limits.Allow(new RunEconomics(least.Seconds, 1, 0, 0, 0, least.FacilityWatts, 0, least.Dollars)))
        {
            yield return $"Each limit can be kept, but not all at once: alone, {days:0.0} days, {cheapest} and {power} are in reach. " +
                "Loosen one.";
        }
    }

    public static string Power(double watts) => watts < 1e6 ? $"{watts / 1e3:0.0} kW" : $"{watts / 1e6:0.0} MW";
}
