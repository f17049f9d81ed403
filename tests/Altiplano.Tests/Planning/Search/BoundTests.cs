using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Search;
using CsCheck;

namespace Altiplano.Tests.Planning.Search;

public sealed class BoundTests
{
    [Theory]
    [InlineData(Objective.Time)]
    [InlineData(Objective.Cost)]
    [InlineData(Objective.Energy)]
    public void StepBound_AnyLayout_IsNotAboveItsScore(Objective objective) => SearchSamples.Requests.Sample(
        sample =>
        {
            var request = sample with { Objective = objective, IsOwned = objective == Objective.Cost };
            foreach (var (bound, score) in BoundsAndScores(request))
                bound.ShouldBeLessThanOrEqualTo(score);
        },
        iter: 15, seed: "0000KTfjxa_6", threads: 1);

    /// <summary>Every legal layout of the space with the bound of its trunk's variant.</summary>
    private static IEnumerable<(double Bound, double Score)> BoundsAndScores(PlanRequest request)
    {
        var phase = request.Phases[0];
        var world = request.Cluster.NumGpus;
        var run = new RunModel(request, phase);
        var models = new CostModels(request, phase);
        var work = new WorkBounds(request, models.For(phase.MaxBatchSequences).Time, run);
        var stragglers = StepBound.StragglerShare(models.For(phase.MaxBatchSequences).Time, world);
        foreach (var axes in new SearchSpace(request, phase, world).Trunks())
        {
            var shares = run.Shares(world, axes.Trunk.Dp);
            var bound = new StepBound(request, run, world, shares, stragglers);
            var batch = models.For(axes.MicroBatches.Most * axes.Trunk.Sequences);
            foreach (var (variant, layout) in Layouts(axes))
            {
                if (!LayoutRules.IsLegal(batch.Workload, request.Cluster, layout))
                    continue;
                var least = bound.Of(
                    work.Of(axes)[variant], layout.Pp, PipelineTiming.BubbleShare(layout), axes.MicroBatches.Most, batch.Workload.TokensPerStep);
                var economics = run.Evaluate(world, shares, batch.Time.Evaluate(layout), batch.Workload.TokensPerStep);
                yield return (least, economics.Of(request.Objective));
            }
        }
    }

    private static IEnumerable<(int Variant, Layout Layout)> Layouts(TrunkAxes axes) =>
        from schedule in axes.Schedules
        from variant in Enumerable.Range(0, axes.Variants.Length)
        from sharding in axes.Shardings[variant]
        select (variant, axes.Variants[variant] with
        {
            Pp = axes.Trunk.Pp,
            Schedule = schedule.Kind,
            VirtualStages = schedule.VirtualStages,
            DpShard = sharding.DpShard,
            DpReplicate = sharding.DpReplicate,
            ZeroStage = sharding.ZeroStage,
        });
}
