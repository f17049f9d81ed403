using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>Decides the layouts of a run.</summary>
public sealed class Planner(PlanRequest request)
{
    /// <summary>Smaller numbers of GPUs that are tried where all of them give nothing.</summary>
    private const int SmallerWorlds = 8;

    private readonly List<string> _notes = [.. request.Assumptions];

    /// <exception cref="UnfitLayoutException">The given mesh does not fit in memory.</exception>
    /// <exception cref="ConfigException">Nothing is legal, fits and keeps the limits: says what comes nearest.</exception>
    public TrainingPlan Plan()
    {
        var given = request is { Fixed.HasMesh: true, MemoryRule: MemoryRule.WithMargin } ? new GivenMesh(request) : null;
        var plan = given?.Rule switch
        {
            null or MemoryRule.WithMargin => PlanPhases(),
            MemoryRule.WithoutMargin => given.PlanWithoutMargin(),
            _ when given.IsWithinUncertainty => given.PlanWithinUncertainty(),
            _ => throw given.ToException(),
        };
        var capacity = request.Cluster.Facility.Capacity;
        if (plan.Main.Winner.Run.FacilityWatts <= capacity.Value || request.MemoryRule == MemoryRule.Unasked)
            return plan;
        return new Planner(request with { Limits = request.Limits with { Power = capacity, PowerSource = "facility.capacity" } }).Plan();
    }

    private TrainingPlan PlanPhases()
    {
        var main = request.Phases.MaxBy(phase => phase.Tokens)!;
        var (world, found) = SearchMain(main);
        var mainPlan = PlanOf(request, main, found, isReplanned: false);
        if (WaitingWarning.Of(mainPlan) is { } warning)
            _notes.Add(warning);
        return new TrainingPlan
        {
            Request = request,
            Phases = [.. request.Phases.Select(phase => phase == main ? mainPlan : PlanOther(phase, mainPlan, world))],
            Notes = _notes,
        };
    }

    private (int World, SearchTally Found) SearchMain(PlanPhase main)
    {
        var gpus = (int)(request.Fixed.World ?? request.Gpus ?? request.Cluster.NumGpus);
        if (!request.Fixed.HasMesh && SearchFailure.StateAboveMemory(request, main, gpus) is { } tooLarge)
            throw tooLarge;
        var first = Search(request, main, gpus);
        if (request.Fixed.World is null && request.ChoosesGpus)
            return SearchSizes(main, gpus, first);
        if (request.Fixed.World is null && WattsAbovePowerLimit(main, gpus) is { } watts)
            return SearchUnderPowerLimit(main, gpus, first, watts);
        if (first.Best.Count > 0)
            return (gpus, first);
        foreach (var world in request.Fixed.World is null ? SmallerThan(gpus, share: 1) : [])
        {
            var found = Search(request, main, world);
            if (found.Best.Count == 0)
                continue;
            _notes.Add($"Uses {world:N0} of {gpus:N0} GPUs: {SearchFailure.WhyNot(first)}.");
            return (world, found);
        }

        throw new SearchFailure(request, main, gpus, first).ToException();
    }

    /// <summary>Where not even the fastest layout is in time, or the cheapest within the money, nothing else is searched.</summary>
    private static SearchTally Search(PlanRequest request, PlanPhase phase, int world)
    {
        var (limits, found) = (request.Limits, new SearchTally(request));
        if (limits.Deadline is not null)
            found.NoteLeast(Unlimited(Objective.Time));
        if (limits.Cost is not null)
            found.NoteLeast(Unlimited(Objective.Cost));
        var isReachable = !found.HasFitting || !(found.Least.Seconds > limits.Deadline?.Value || found.Least.Dollars > limits.Cost?.Value);
        return isReachable ? new PlanSearch(request, phase, world).Run() : found;

        SearchTally Unlimited(Objective objective) =>
            new PlanSearch(request with { Limits = PlanLimits.None, Objective = objective, Top = 1 }, phase, world).Run();
    }

    /// <summary>What the best layout of all GPUs draws where that is above the limit, else null.</summary>
    private double? WattsAbovePowerLimit(PlanPhase main, int gpus)
    {
        if (request.Limits.Power is not { } limit)
            return null;
        var unlimited = new PlanSearch(request with { Limits = request.Limits with { Power = null }, Top = 1 }, main, gpus).Run();
        return unlimited.Best.Count > 0 && unlimited.Best.Items[0].Run.FacilityWatts is var watts && watts > limit.Value ? watts : null;
    }

    /// <summary>Fewer GPUs that work are better than more that wait: the best of several sizes.</summary>
    private (int World, SearchTally Found) SearchUnderPowerLimit(PlanPhase main, int gpus, SearchTally first, double watts)
    {
        var limit = request.Limits.Power!.Value;
        var best = BestOf(SmallerThan(gpus, limit.Value / watts), main, gpus, first);
        if (best.World < gpus)
        {
            _notes.Add($"Uses {best.World:N0} of {gpus:N0} GPUs: the best layout of all of them draws {SearchFailure.Power(watts)}, " +
                $"above the {SearchFailure.Power(limit.Value)} of {request.Limits.PowerSource}.");
        }

        return best;
    }

    private (int World, SearchTally Found) SearchSizes(PlanPhase main, int gpus, SearchTally first)
    {
        var best = BestOf(WorldSizes.Below(gpus, request.Cluster.Server.GpusPerServer), main, gpus, first);
        if (best.World < gpus && first.Best.Count > 0)
        {
            var worse = first.Best.Items[0].Score / best.Found.Best.Items[0].Score - 1;
            _notes.Add($"Uses {best.World:N0} of {gpus:N0} GPUs: all of them take {100 * worse:0.0} % more {request.Objective.ToString().ToLowerInvariant()}.");
        }

        return best;
    }

    /// <exception cref="ConfigException">No size gives anything.</exception>
    private (int World, SearchTally Found) BestOf(IEnumerable<int> smaller, PlanPhase main, int gpus, SearchTally first)
    {
        var one = request with { Top = 1 };
        var best = smaller.Select(world => (World: world, Found: Search(one, main, world)))
            .Prepend((World: gpus, Found: first))
            .Where(size => size.Found.Best.Count > 0)
            .Order(Comparer<(int World, SearchTally Found)>.Create((a, b) => Candidate.Compare(a.Found.Best.Items[0], b.Found.Best.Items[0])))
            .FirstOrDefault();
        if (best.Found is null)
            throw new SearchFailure(request, main, gpus, first).ToException();
        return best.World == gpus ? best : (best.World, new PlanSearch(request, main, best.World).Run());
    }

    private IEnumerable<int> SmallerThan(int gpus, double share) =>
        WorldSizes.AtMost((int)Math.Min(gpus * share, gpus - 1), request.Cluster.Server.GpusPerServer, SmallerWorlds);

    /// <summary>
    /// The mesh of the main phase where it will do, if need be with other choices than the user's on it; else a mesh of its own; else
    /// fewer replicas.
    /// </summary>
    private PhasePlan PlanOther(PlanPhase phase, PhasePlan main, int world)
    {
        var layout = main.Winner.Layout;
        FixedChoices[] onMesh = request.ReplansPhases ? [] : [request.Fixed.OnMeshOf(layout), FixedChoices.None.OnMeshOf(layout)];
        foreach (var choices in onMesh)
        {
            var kept = request with { Fixed = choices };
            if (new PlanSearch(kept, phase, world).Run() is { Best.Count: > 0 } same)
                return PlanOf(kept, phase, same, isReplanned: false);
        }

        var free = new PlanSearch(request, phase, world).Run();
        if (free.Best.Count == 0)
            return PlanOnFewer(phase, main, world) ?? throw new SearchFailure(request, phase, world, free).ToException();
        if (!request.ReplansPhases)
            _notes.Add($"The phase {phase.Name} has a mesh of its own: it does not run on that of the phase {main.Phase.Name}.");
        return PlanOf(request, phase, free, isReplanned: true);
    }

    /// <summary>As early phases run whose batch is too small for all replicas; null where that does not help.</summary>
    private PhasePlan? PlanOnFewer(PlanPhase phase, PhasePlan main, int world)
    {
        for (var replicas = main.Winner.Layout.Dp / 2; replicas >= 1; replicas /= 2)
        {
            var fewer = world / main.Winner.Layout.Dp * replicas;
            var fixedMesh = FixedChoices.None with { Tp = main.Winner.Layout.Tp, Cp = main.Winner.Layout.Cp, Pp = main.Winner.Layout.Pp };
            var found = new PlanSearch(request with { Fixed = fixedMesh }, phase, fewer).Run();
            if (found.Best.Count == 0)
                continue;
            _notes.Add($"The phase {phase.Name} uses {fewer:N0} of {world:N0} GPUs: its batch of {phase.MaxBatchSequences:N0} sequences is too small for all replicas.");
            return PlanOf(request, phase, found, isReplanned: true);
        }

        return null;
    }

    private static PhasePlan PlanOf(PlanRequest request, PlanPhase phase, SearchTally found, bool isReplanned)
    {
        var best = found.Best.Items.ToArray();
        var memory = new MemoryModel(request.WorkloadOf(phase, best[0].GlobalBatchSequences), request.Cluster, request.Stack.Memory);
        return new PhasePlan
        {
            Phase = phase,
            Best = best,
            Counts = found.Counts,
            IsReplanned = isReplanned,
            Recovery = new RunModel(request, phase).Recovery(best[0].Layout.World, best[0].Layout.Dp),
            MemoryByStage = [.. Enumerable.Range(0, best[0].Layout.Pp).Select(stage => memory.OfStage(best[0].Layout, stage))],
        };
    }
}
