using Altiplano.Distributed;
using Altiplano.Distributed.Recording;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;
using Altiplano.Training.Loop;
using Altiplano.Training.Optimization;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Tracing;

/// <summary>One rank of a job as it stands before a step: mesh, weights and moments on shapes, with nobody else there and no native library.</summary>
internal sealed class ShapeRank : IDisposable
{
    private readonly StepSetting _setting;
    private readonly ICommunicator _world;

    /// <param name="operators">Told of operators and allocations; null for nobody.</param>
    /// <param name="collectives">Told of what the rank does with others; null for nobody.</param>
    /// <exception cref="Planning.ConfigException">The ranks cannot share the model like this.</exception>
    public ShapeRank(StepSetting setting, int rank, IOperatorObserver? operators = null, ICollectiveObserver? collectives = null)
    {
        var shape = setting.Layout.Mesh;
        _setting = setting;
        _world = collectives is null
            ? RecordingCommunicator.Alone(rank, shape.World, _ => { })
            : RecordingCommunicator.Alone(rank, shape.World, collectives);
        Engine = new Engine(Device.Shape, operators);
        Mesh = new DeviceMesh(shape, _world);
        Parameters = setting.NewParameters(Engine, Mesh);
        Optimizer = new AdamW(Parameters, new OptimizerConfig());
        StateBytes = Engine.LiveBytes;
    }

    public Engine Engine { get; }
    public DeviceMesh Mesh { get; }
    public ParameterStore Parameters { get; }

    /// <summary>Its settings are the usual ones: neither operations nor memory depend on them.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Weights, master weights where they are separate, gradients and both moments.</summary>
    public long StateBytes { get; }

    /// <summary>The rank's microbatches of the first step.</summary>
    /// <param name="read">
    /// The sequences from a number on, so many of them; null for sequences of one document each, which take the most memory and operations.
    /// </param>
    public List<HostBatch> Microbatches(Func<long, int, HostBatch>? read = null)
    {
        read ??= new WholeSequences(_setting.SeqLen).Read;
        return [.. _setting.SamplesOf(step: 0, Mesh).Select(part => read(part.First, part.Count))];
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Parameters.Dispose();
        Mesh.Dispose();
        _world.Dispose();
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
