using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Schedules;

/// <summary>One step of a layout, its pipeline simulated with the times that the closed form gave.</summary>
public sealed record SimulatedStep
{
    public required SimulatedPipeline Pipeline { get; init; }

    /// <summary>Seconds of gradient reduction and parameter gathers that compute does not hide.</summary>
    public required double DataParallel { get; init; }

    public required double Optimizer { get; init; }

    /// <summary>Seconds of the step, waiting for stragglers apart.</summary>
    public double Total => Pipeline.Makespan + DataParallel + Optimizer;

    /// <remarks>
    /// The closed form's slowest stage is shared out over its microbatches and layers; another stage's chunks take their share by
    /// layers. Forward and the halves of backward take a third each; what is recomputed comes before the input gradient.
    /// </remarks>
    public static SimulatedStep Of(Workload workload, ClusterSpec cluster, in Layout layout, in StepCost cost)
    {
        var schedule = PipelineSchedule.Of(layout, workload.GlobalBatchSequences);
        var time = cost.Time;
        var passes = (time.Compute - time.Recompute + time.TensorParallel + time.ContextParallel + time.ExpertParallel) / schedule.MicroBatches;
        var recompute = time.Recompute / schedule.MicroBatches;
        var numLayers = workload.Model.NumLayers;
        var layers = Enumerable.Range(0, schedule.Chunks).Select(chunk => StageSplit.Layers(numLayers, schedule.Chunks, chunk)).ToList();
        var most = Enumerable.Range(0, schedule.Pp).Max(rank => Enumerable.Range(0, schedule.VirtualStages).Sum(v => layers[v * schedule.Pp + rank]));
        var transfer = Transfer(workload, cluster, layout);
        var times = new PipelineTimes
        {
            Chunks = [.. layers.Select(n => new ChunkTimes(passes / 3, passes / 3 + recompute, passes / 3) * ((double)n / most))],
            Transfers = [.. Enumerable.Repeat(transfer, schedule.Pp)],
        };
        return new SimulatedStep { Pipeline = SimulatedPipeline.Run(schedule, times), DataParallel = time.DataParallel, Optimizer = time.Optimizer };
    }

    /// <summary>Residual stream of a microbatch between neighbouring stages, which share a server only where all of a stage's ranks fit in half of one.</summary>
    private static double Transfer(Workload workload, ClusterSpec cluster, in Layout layout)
    {
        if (layout.Pp == 1)
            return 0;
        var tokens = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp / (layout.HasSequenceParallel ? layout.Tp : 1);
        var bytes = tokens * workload.Model.HiddenSize * ElementWidth.Of(workload.Precision);
        var isInServer = 2 * layout.World / layout.Pp <= cluster.Server.GpusPerServer;
        return bytes / (isInServer ? cluster.Server.NvlinkBandwidth : cluster.Network.BandwidthPerGpu).Value;
    }
}
