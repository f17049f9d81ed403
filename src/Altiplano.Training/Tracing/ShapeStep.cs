using Altiplano.Distributed.Recording;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Tracing;

/// <summary>The real step of any one rank, on shapes, with nobody else there and no native library.</summary>
public static class ShapeStep
{
    /// <param name="read">
    /// The sequences from a number on, so many of them; null for sequences of one document each, which take the most memory and operations.
    /// </param>
    /// <exception cref="ShapeException">The layout is none that the layers can follow.</exception>
    public static StepTrace Run(StepSetting setting, int rank, Func<long, int, HostBatch>? read = null)
    {
        var layout = setting.Layout;
        var recorder = new StepRecorder();
        var engine = new Engine(Device.Shape, recorder);
        using var world = RecordingCommunicator.Alone(rank, layout.Mesh.World, recorder);
        using var mesh = new DeviceMesh(layout.Mesh, world);
        using var parameters = setting.NewParameters(engine, mesh);
        using var optimizer = new AdamW(parameters, new OptimizerConfig());
        using var model = new LlamaModel(parameters, setting.ModelOptions);
        var whole = new WholeSequences(setting.SeqLen);
        var samples = StepSamples.Of(0, setting.SequencesPerStep, layout.MicroBatchSize, mesh);
        List<HostBatch> microbatches = [.. samples.Select(part => (read ?? whole.Read)(part.First, part.Count))];
        recorder.Begin();
        TrainingStep.Run(model, optimizer, microbatches, learningRate: 0);
        return recorder.End();
    }

    /// <summary>Microbatches of equal size are one and the same.</summary>
    private sealed class WholeSequences(int seqLen)
    {
        private readonly Dictionary<int, HostBatch> _batches = [];

        public HostBatch Read(long first, int count)
        {
            if (_batches.TryGetValue(count, out var batch))
                return batch;
            var segments = Enumerable.Range(0, count).Select(i => new Segment((long)i * seqLen, seqLen));
            return _batches[count] = new HostBatch(new long[count * seqLen], new long[count * seqLen], [.. segments]);
        }
    }
}
