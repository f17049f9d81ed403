using Altiplano.Planning.Machines;
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

    /// <summary>Ranks that the run file's mesh makes.</summary>
    public static int WorldOf(RunConfig config) => config.Mesh.World;

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

    private static StepSetting SettingOf(RunConfig config)
    {
        var spec = config.Spec;
        return new StepSetting
        {
            Model = spec.Model.Architecture,
            SeqLen = spec.Batch.SeqLen,
            SequencesPerStep = spec.Batch.SequencesPerStep,
            Precision = spec.Precision,
            HeadChunkRows = spec.Parallel.HeadChunkRows.Or(ModelOptions.DefaultHeadChunkRows),
            Layout = spec.ToLayout(),
        };
    }
}
