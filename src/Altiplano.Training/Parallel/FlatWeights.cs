using Altiplano.Torch;

namespace Altiplano.Training.Parallel;

/// <summary>The weights of one group: this rank's part always, all of them at least while layers use them.</summary>
internal sealed class FlatWeights : IDisposable
{
    private readonly Sharding _sharding;
    private readonly FlatBuffer _buffer;
    private TensorPending? _gathering;

    public FlatWeights(Engine engine, string name, ScalarType type, long length, Sharding sharding)
    {
        _sharding = sharding;
        _buffer = new FlatBuffer($"weights of {name}");
        using var scope = engine.Allocating(MemoryPart.Weights);
        Part = _buffer.OpenPart(engine, type, length, sharding, sharding.KeepsWeights);
    }

    /// <summary>[P / parts].</summary>
    public Tensor Part { get; }

    public BufferView View(long start, long[] shape) => _buffer.View(start, shape);

    /// <summary>Starts to fetch the other ranks' parts, unless they are here.</summary>
    public void StartGather()
    {
        if (_buffer.IsOpen)
            return;
        using var scope = Part.Engine.Allocating(MemoryPart.Weights);
        _buffer.Open(Part.Engine.Empty(Part.Type, Part.NumElements * _sharding.NumParts));
        _gathering = _sharding.Axis.StartAllGather(_buffer.Whole, Part);
    }

    /// <summary>Returns when all weights are here.</summary>
    public void Gather()
    {
        StartGather();
        Complete();
    }

    /// <summary>Frees all but this rank's part, where the sharding says so.</summary>
    public void Release()
    {
        if (!_sharding.KeepsWeights)
            _buffer.Close().Dispose();
    }

    /// <summary>Starts to tell the other ranks the new values of this rank's part, where all are kept.</summary>
    public void StartShare()
    {
        if (_sharding is { KeepsWeights: true, NumParts: > 1 })
            _gathering = _sharding.Axis.StartAllGather(_buffer.Whole, Part);
    }

    /// <summary>Returns when what was started has arrived.</summary>
    public void Complete()
    {
        _gathering?.Wait();
        _gathering = null;
    }

    public void Dispose()
    {
        Part.Dispose();
        _buffer.Dispose();
    }
}
