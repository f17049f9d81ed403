using Altiplano.Planning.Costs;

namespace Altiplano.Planning.Search;

/// <summary>A mesh that the user gave: it is planned as it is, whatever its memory, and the user is told.</summary>
internal sealed class GivenMesh
{
    private const double GiB = 1L << 30;

    private readonly PlanRequest _given;

    /// <summary>The same without limits: here only memory is asked.</summary>
    private readonly PlanRequest _request;
    private readonly PlanPhase _main;
    private readonly int _gpus;
    private readonly SearchTally _found;

    public GivenMesh(PlanRequest request)
    {
        _given = request;
        _request = request with { Limits = PlanLimits.None, Top = 1 };
        _main = request.Phases.MaxBy(phase => phase.Tokens)!;
        _gpus = (int)(request.Fixed.World ?? request.Gpus ?? request.Cluster.NumGpus);
        (Rule, _found) = Search(MemoryRule.WithMargin);
        if (Rule == MemoryRule.Unasked)
            (Rule, _found) = Search(MemoryRule.WithoutMargin);
    }

    /// <summary>The strictest rule that a layout of the mesh keeps; one that does not divide breaks none of them.</summary>
    public MemoryRule Rule { get; }

    public TrainingPlan PlanWithoutMargin()
    {
        var plan = new Planner(_given with { MemoryRule = MemoryRule.WithoutMargin }).Plan();
        var needed = plan.Main.Winner.Step.Memory.Total;
        var high = needed * Figure.Around(1, MemoryMargin.Sigma, Evidence.Assumed).High;
        return plan with
        {
            Notes =
            [
                .. plan.Notes, $"Warning: this layout may run out of memory. It is predicted to need {needed / GiB:0.0} GiB, up to {high / GiB:0.0}, " +
                    $"of the {_request.Cluster.Gpu.Memory.Value / GiB:0.0} GiB of a GPU; in a search {MemoryMargin.Rule}.",
            ],
        };
    }

    /// <summary>True where the leanest layout does not fit as predicted, but would with the leanest software of the stack.</summary>
    public bool IsWithinUncertainty => Rule == MemoryRule.Unasked
        && MemoryVerdicts.Of(_found.Leanest!.Value.Memory.Total, LeastMemory, _request.Cluster.Gpu.Memory.Value) == MemoryVerdict.WithinUncertainty;

    public TrainingPlan PlanWithinUncertainty() => PlanOfLeanest(
        $"Warning: this layout fits within the uncertainty only. It is predicted to need {_found.Leanest!.Value.Memory.Total / GiB:0.0} GiB of the " +
        $"{_request.Cluster.Gpu.Memory.Value / GiB:0.0} GiB of a GPU, and {LeastMemory / GiB:0.0} with 16-bit gradients, fused kernels and nothing lost.");

    /// <summary>The leanest layout of the mesh, evaluated, and what it lacks.</summary>
    public UnfitLayoutException ToException()
    {
        var problem = new SearchFailure(_request, _main, _gpus, _found).ToException().Problems[0];
        return new UnfitLayoutException(PlanOfLeanest($"Warning: this layout cannot run. {problem}"), problem);
    }

    private double LeastMemory
    {
        get
        {
            var (layout, _, batch) = _found.Leanest!.Value;
            var workload = new Workload
            {
                Model = _request.Model, SeqLen = _main.SeqLen, GlobalBatchSequences = batch, Precision = _request.Precision,
            };
            new MemoryModel(workload, _request.Cluster, _request.Stack.Memory.Lean()).FullestStage(layout, out var memory);
            return memory.Total;
        }
    }

    private TrainingPlan PlanOfLeanest(string note)
    {
        var (layout, _, batch) = _found.Leanest!.Value;
        var one = _main with { MinBatchSequences = batch, MaxBatchSequences = batch };
        var plan = new Planner(_request with
        {
            MemoryRule = MemoryRule.Unasked,
            Fixed = FixedChoices.Of(layout),
            Phases = [.. _request.Phases.Select(p => p == _main ? one : p)],
        }).Plan();
        return plan with { Notes = [.. plan.Notes, note] };
    }

    private (MemoryRule Rule, SearchTally Found) Search(MemoryRule rule)
    {
        var found = new PlanSearch(_request with { MemoryRule = rule }, _main, _gpus).Run();
        return (found.HasFitting || found.HasNone ? rule : MemoryRule.Unasked, found);
    }
}
