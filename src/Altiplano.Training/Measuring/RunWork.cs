using Altiplano.Planning.Machines;
using Altiplano.Planning.Units;
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
        var setting = StepSetting.Of(config);
        return Enumerable.Range(0, setting.Layout.Mesh.World).Select(rank => model.Predict(Of(setting, rank))).MaxBy(step => step.Time.Total)!;
    }

    private static StepWork Of(StepSetting setting, int rank)
    {
        var layout = setting.Layout;
        var microbatches = layout.MicroBatches(setting.SequencesPerStep);
        using var shapes = new ShapeRank(setting, rank);
        return StepWorks.Of(ShapeStep.Run(setting, rank)) with
        {
            Staging = new Bytes(StepPlan.StagingBytesOf(shapes.Parameters)),
            Bubble = (layout.Pp - 1) / ((double)layout.VirtualStages * microbatches),
        };
    }
}
