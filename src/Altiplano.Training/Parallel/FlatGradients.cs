using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Parallel;

/// <summary>The gradients of one group: all of them while layers write them, this rank's part of their sum after.</summary>
internal sealed class FlatGradients : IDisposable
{
    private readonly Sharding _sharding;
    private readonly FlatBuffer _buffer;
    private readonly long _length;
    private TensorPending? _reducing;
    private Tensor? _term;
    private bool _hasSum;

    public FlatGradients(Engine engine, string name, ScalarType type, long length, Sharding sharding)
    {
        (_sharding, _length) = (sharding, length);
        _buffer = new FlatBuffer($"gradients of {name}");
        using var scope = engine.Allocating(MemoryPart.Gradients);
        Part = _buffer.OpenPart(engine, type, length, sharding, sharding.KeepsGradients);
    }

    /// <summary>[P / parts]: this rank's part of the sum, once <see cref="Finish"/> has run.</summary>
    public Tensor Part { get; }

    public BufferView View(long start, long[] shape) => _buffer.View(start, shape);

    /// <summary>Makes room for a microbatch's gradients, unless it is there.</summary>
    public void Open()
    {
        if (_buffer.IsOpen)
            return;
        using var scope = Part.Engine.Allocating(MemoryPart.Gradients);
        _buffer.Open(Part.Engine.Empty(Part.Type, Part.NumElements * _sharding.NumParts));
        using var filling = _buffer.Whole.Rows(_length, _buffer.Whole.NumElements - _length);
        Part.Engine.Zero(filling);
    }

    /// <summary>Starts to sum a microbatch's gradients over the ranks, where the sharding does so at each microbatch.</summary>
    /// <returns>True where it does: what layers write next is a new sum.</returns>
    public bool StartReduce()
    {
        if (_sharding.KeepsGradients)
            return false;
        // A pipeline stage of one block comes again before the sum of its last microbatch was asked for.
        CompleteReduce();
        using var scope = Part.Engine.Allocating(MemoryPart.Gradients);
        _term = _hasSum ? Part.Engine.Empty(Part.Type, Part.Shape) : Part;
        _reducing = _sharding.Axis.StartReduceScatter(_term, _buffer.Close());
        return true;
    }

    /// <summary>Waits for what <see cref="StartReduce"/> started.</summary>
    public void CompleteReduce()
    {
        if (_reducing is null)
            return;
        _reducing.Wait();
        if (_hasSum)
        {
            Part.Engine.Add(Part, _term!);
            _term!.Dispose();
        }

        (_reducing, _term, _hasSum) = (null, null, true);
    }

    /// <summary>Sums what is not yet summed, over every axis whose ranks saw other rows.</summary>
    /// <param name="isReplicatedOverTp">True for weights that each tp rank applies to rows of its own.</param>
    public void Finish(bool isReplicatedOverTp)
    {
        CompleteReduce();
        if (_sharding.NumParts == 1)
            _sharding.Axis.AllReduce(Part);
        else if (_sharding.KeepsGradients)
            _sharding.Axis.ReduceScatter(Part, _buffer.Whole);
        _sharding.Mesh.DpReplicate.AllReduce(Part);
        if (isReplicatedOverTp)
            _sharding.Mesh.Tp.AllReduce(Part);
    }

    /// <summary>The next microbatch begins a new sum.</summary>
    public void Forget() => _hasSum = false;

    public void Dispose()
    {
        Part.Dispose();
        _buffer.Dispose();
    }
}
