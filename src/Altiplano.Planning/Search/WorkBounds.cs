using System.Collections.Concurrent;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Search;

/// <summary>What one microbatch takes of all pipeline stages together, at least.</summary>
/// <param name="Seconds">Forward and backward through all layers, embedding and head, on one rank of each stage.</param>
/// <param name="Watts">At the meter for one GPU while it runs: of the kind of layer that draws least.</param>
internal readonly record struct WorkBound(double Seconds, double Watts)
{
    public static WorkBound Least(in WorkBound a, in WorkBound b) => new(Math.Min(a.Seconds, b.Seconds), Math.Min(a.Watts, b.Watts));
}

/// <summary>Lower bounds of the work of a microbatch, one for all layouts that share tp, cp, microbatch and a variant.</summary>
internal sealed class WorkBounds(PlanRequest request, TimeModel time, RunModel run)
{
    private readonly ConcurrentDictionary<(int Tp, int Cp, int MicroBatch, int Variants), WorkBound[]> _bounds = [];

    /// <returns>A bound for each of the trunk's variants, in their order.</returns>
    public WorkBound[] Of(TrunkAxes axes)
    {
        var trunk = axes.Trunk;
        return _bounds.GetOrAdd(
            (trunk.Tp, trunk.Cp, trunk.MicroBatchSize, axes.Variants.Length), static (_, args) => [.. args.axes.Variants.Select(v => args.self.Compute(args.self.MicroBatch(v)))], (self: this, axes));
    }

    private MicroBatchTimes MicroBatch(Layout variant) => time.MicroBatch(variant);

    private WorkBound Compute(in MicroBatchTimes times)
    {
        var model = request.Model;
        var seconds = times.Dense.Total * (model.NumLayers - model.NumMixtureLayers) + times.Mixture.Total * model.NumMixtureLayers
            + times.Embedding.Total + times.Head.Total;
        return new WorkBound(seconds, LeastWatts(times));
    }

    /// <summary>
    /// A stage of several kinds of layer draws no less on average than the kind that draws least alone: power is linear but for
    /// caps, and a cap on a sum takes no more than caps on its parts.
    /// </summary>
    private double LeastWatts(in MicroBatchTimes times)
    {
        var least = Math.Min(WattsOf(times.Dense), WattsOf(times.Head));
        return Math.Min(least, Math.Min(WattsOf(times.Mixture), WattsOf(times.Embedding)));
    }

    private double WattsOf(in LayerTime layer) => layer.Total == 0
        ? double.PositiveInfinity
        : run.FacilityWatts(new StepCost(
            new StepTime
            {
                Matrices = layer.Matrices, Attention = layer.Attention, Elementwise = layer.Elementwise, Recompute = layer.Recompute,
                Launch = layer.Launch, TensorParallel = layer.TensorParallel, ContextParallel = layer.ContextParallel,
                ExpertParallel = layer.ExpertParallel,
            },
            default, 0, layer.Flops, 0, 0, 0));
}
