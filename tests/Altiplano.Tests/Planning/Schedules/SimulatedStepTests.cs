using Altiplano.Planning;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Schedules;

namespace Altiplano.Tests.Planning.Schedules;

public sealed class SimulatedStepTests
{
    private static readonly StepTime Time = new()
    {
        Matrices = 6, Attention = 1, Elementwise = 0.5, Launch = 0.5, TensorParallel = 1, Recompute = 3, DataParallel = 0.2, Optimizer = 0.1,
    };

    /// <summary>12 s for 32 microbatches on 8 equal stages: 32 + 7 times 0.375 s, then reduction and optimizer.</summary>
    [Fact]
    public void Of_EvenStages_IsTheClosedForm() =>
        Simulate(new Layout { Tp = 8, Pp = 8, DpShard = 4, HasSequenceParallel = true }, bandwidth: double.PositiveInfinity)
            .Total.ShouldBe(39 * 0.375 + 0.3, 1e-9);

    [Fact]
    public void Of_UnevenStages_TakesTheSlowestFromTheClosedForm()
    {
        // 32 layers on 5 stages: 6, 7, 7, 6, 6.
        var step = Simulate(new Layout { Tp = 8, Pp = 5, DpShard = 4 }, bandwidth: double.PositiveInfinity);

        step.Pipeline.Busy[1].ShouldBe(12, 1e-9);
        step.Pipeline.Busy[0].ShouldBe(12 * 6 / 7.0, 1e-9);
    }

    /// <summary>8192 x 4096 x 2 bytes / 8 at 50 GB/s is 0.168 ms, once a microbatch, boundary and direction.</summary>
    [Fact]
    public void Of_StagesOnServers_SendOverTheNetwork()
    {
        var step = Simulate(new Layout { Tp = 8, Pp = 8, DpShard = 4, HasSequenceParallel = true }, bandwidth: 50e9);
        var sends = step.Pipeline.Slices.Where(slice => slice.SendTo is not null).ToList();

        sends.Count.ShouldBe(2 * 7 * 32);
        sends.ShouldAllBe(slice => Math.Abs(slice.Duration - 8192 * 4096 * 2 / 8 / 50e9) < 1e-12);
    }

    private static SimulatedStep Simulate(Layout layout, double bandwidth)
    {
        var cluster = PlanningSamples.Cluster(1024);
        cluster = cluster with { Network = cluster.Network with { BandwidthPerGpu = new(bandwidth) } };
        var work = PlanningSamples.Work(PlanningSamples.Llama8B, 8192, 128);
        return SimulatedStep.Of(work, cluster, layout, new StepCost(Time, default, 0, 0, 0, 0, 0));
    }
}
