using Altiplano.Torch;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;

namespace Altiplano.Training.Tracing;

/// <summary>The real step of any one rank, on shapes.</summary>
public static class ShapeStep
{
    /// <param name="read">
    /// The sequences from a number on, so many of them; null for sequences of one document each, which take the most memory and operations.
    /// </param>
    /// <exception cref="ShapeException">The layout is none that the layers can follow.</exception>
    public static StepTrace Run(StepSetting setting, int rank, Func<long, int, HostBatch>? read = null)
    {
        var recorder = new StepRecorder();
        using var shapes = new ShapeRank(setting, rank, recorder, recorder);
        using var model = new LlamaModel(shapes.Parameters, setting.ModelOptions);
        var microbatches = shapes.Microbatches(read);
        recorder.Begin();
        TrainingStep.Run(model, shapes.Optimizer, microbatches, learningRate: 0);
        return recorder.End();
    }
}
