using Altiplano.Planning.Architecture;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Planning.Costs;

/// <summary>The slowest stage of a pipeline, and what its fill, drain and transfers add.</summary>
internal sealed class PipelineTiming(Workload workload, ClusterSpec cluster, TimeCoefficients coefficients, CollectiveTiming collectives)
{
    private const double BytesPerActivation = 2;

    private readonly TransformerShape _model = workload.Model;
    private readonly int _gpusPerServer = cluster.Server.GpusPerServer;

    /// <param name="SlowestStage">One microbatch, all its chunks.</param>
    /// <param name="DenseLayers">Of that stage.</param>
    /// <param name="Bubble">Seconds of a step.</param>
    /// <param name="Transfers">Seconds of a step that compute does not hide.</param>
    /// <param name="TransferBytes">That a rank sends in a step.</param>
    public readonly record struct Result(
        LayerTime SlowestStage, double DenseLayers, double MixtureLayers, double Bubble, double Transfers, double TransferBytes);

    public Result Of(in Layout layout, in MicroBatchTimes times, double microBatches)
    {
        var slowest = default(LayerTime);
        var (slowestTime, allTime, dense, mixture) = (-1.0, 0.0, 0.0, 0.0);
        for (var stage = 0; stage < layout.Pp; stage++)
        {
            var (stageDense, stageMixture) = LayersOf(layout, stage);
            var time = stageDense * times.Dense.Total + stageMixture * times.Mixture.Total
                + (stage == 0 ? times.Embedding.Total : 0) + (stage == layout.Pp - 1 ? times.Head.Total : 0);
            allTime += time;
            if (time <= slowestTime)
                continue;
            (slowestTime, dense, mixture) = (time, stageDense, stageMixture);
            slowest = times.Dense * stageDense + times.Mixture * stageMixture;
            if (stage == 0)
                slowest += times.Embedding;
            if (stage == layout.Pp - 1)
                slowest += times.Head;
        }

        var transfer = Transfer(layout, out var bytes);
        var bubble = (allTime - slowestTime) * BubbleShare(layout) + (layout.Pp - 1) * 2 * transfer;
        var exposed = 2 * microBatches * layout.VirtualStages * transfer * coefficients.PipelineTransferShare;
        return new Result(slowest, dense, mixture, bubble, exposed, 2 * microBatches * layout.VirtualStages * bytes);
    }

    private (double Dense, double Mixture) LayersOf(in Layout layout, int stage)
    {
        var chunks = layout.Pp * layout.VirtualStages;
        if (_model.NumLayers % chunks == 0 && _model.NumMixtureLayers == 0)
            return (_model.NumLayers / layout.Pp, 0);
        var layers = 0;
        for (var chunk = stage; chunk < chunks; chunk += layout.Pp)
            layers += StageSplit.Layers(_model.NumLayers, chunks, chunk);
        var mixture = (double)layers * _model.NumMixtureLayers / _model.NumLayers;
        return (layers - mixture, mixture);
    }

    /// <summary>How much of the other stages' time is waited for at fill and drain.</summary>
    /// <remarks>1F1B and GPipe (p - 1) / m; interleaving divides by v (Narayanan et al. 2021 §2.2); ZB-H1 leaves a third (Qi et al. 2023).</remarks>
    public static double BubbleShare(in Layout layout) => layout.Schedule switch
    {
        PipelineScheduleKind.ZeroBubble => 1.0 / 3,
        _ => 1.0 / layout.VirtualStages,
    };

    private double Transfer(in Layout layout, out double bytes)
    {
        bytes = 0;
        if (layout.Pp == 1)
            return 0;
        bytes = (double)layout.MicroBatchSize * workload.SeqLen / layout.Cp * _model.HiddenSize * BytesPerActivation
            / (layout.HasSequenceParallel ? layout.Tp : 1);
        var group = RankGroup.Of(layout.Pp, layout.World / layout.Pp, _gpusPerServer);
        return collectives.SendReceive(bytes, group);
    }
}
