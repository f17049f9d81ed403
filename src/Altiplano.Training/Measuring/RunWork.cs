using Altiplano.Planning;
using Altiplano.Planning.Machines;
using Altiplano.Planning.Mesh;
using Altiplano.Planning.Units;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Tracing;

namespace Altiplano.Training.Measuring;

/// <summary>What the ranks of a run do in a step, found on shapes.</summary>
public static class RunWork
{
    /// <summary>The step of the rank that a calibrated machine takes longest for.</summary>
    /// <param name="config">The run, with every choice made.</param>
    public static PredictedStep Predict(RunConfig config, RankCosts costs)
    {
        var model = new MachineStepModel(costs);
        var setting = SettingOf(config);
        return Enumerable.Range(0, setting.Layout.Mesh.World).Select(rank => model.Predict(Of(config, setting, rank))).MaxBy(step => step.Time.Total)!;
    }

    private static StepWork Of(RunConfig config, StepSetting setting, int rank)
    {
        var layout = setting.Layout;
        var microbatches = layout.MicroBatches(setting.SequencesPerStep);
        return StepWorks.Of(ShapeStep.Run(setting, rank)) with
        {
            Staging = new Bytes(StepPlan.Of(config, rank).StagingBytes),
            Bubble = (layout.Pp - 1) / ((double)layout.VirtualStages * microbatches),
        };
    }

    private static StepSetting SettingOf(RunConfig config) => new()
    {
        Model = config.Spec.Model.Architecture,
        Layout = config.Spec.ToLayout(),
        SeqLen = config.Spec.Batch.SeqLen,
        SequencesPerStep = config.Spec.Batch.SequencesPerStep,
        Precision = config.Spec.Precision,
        HeadChunkRows = config.Spec.Parallel.HeadChunkRows.Or(ModelOptions.DefaultHeadChunkRows),
    };
}
