using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Parallel;

/// <summary>The gradients of one group: all of them while layers write them, this rank's part of their sum after.</summary>
internal sealed class FlatGradients : IDisposable
{
    private readonly Sharding _sharding;
    private readonly FlatBuffer _buffer;
    private readonly long _length;
    private readonly bool _isReplicatedOverTp;
    private IEnumerator<TensorPending>? _reducing;
    private bool _hasSum;
    private bool _isFinal;

    /// <param name="isReplicatedOverTp">True for weights that every tp rank has and applies to its rows.</param>
    public FlatGradients(Engine engine, string name, ScalarType type, long length, Sharding sharding, bool isReplicatedOverTp)
    {
        (_sharding, _length, _isReplicatedOverTp) = (sharding, length, isReplicatedOverTp);
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

    /// <summary>
    /// Starts to sum a microbatch's gradients over the ranks: where the sharding does so at each microbatch, and behind the step's last one.
    /// </summary>
    /// <returns>True where what layers write next is a new sum.</returns>
    public bool StartReduce(bool isLast)
    {
        if (_sharding.KeepsGradients && !isLast)
            return false;
        // A pipeline stage of one block comes again before the sum of its last microbatch was asked for.
        Complete();
        IEnumerable<TensorPending> sums = _sharding.KeepsGradients ? [] : SumOfMicrobatch();
        Begin(isLast ? sums.Concat(SumsOfStep()) : sums);
        _isFinal = isLast;
        return !_sharding.KeepsGradients;
    }

    /// <summary>Waits for the sum over one axis and starts that over the next.</summary>
    /// <returns>True while there is a next one.</returns>
    public bool ContinueReduce()
    {
        if (_reducing is null)
            return false;
        _reducing.Current.Wait();
        Advance();
        return _reducing is not null;
    }

    /// <summary>Completes the sums over every axis whose ranks saw other rows, and runs those that were not started.</summary>
    public void Finish()
    {
        Complete();
        if (_isFinal)
            return;
        Begin(SumsOfStep());
        Complete();
    }

    /// <summary>The next microbatch begins a new sum.</summary>
    public void Forget() => (_hasSum, _isFinal) = (false, false);

    public void Dispose()
    {
        Part.Dispose();
        _buffer.Dispose();
    }

    /// <summary>This rank's part of a microbatch's sum, added to that of the microbatches before.</summary>
    private IEnumerable<TensorPending> SumOfMicrobatch()
    {
        var term = _hasSum ? NewPart() : Part;
        yield return _sharding.Axis.StartReduceScatter(term, _buffer.Close(), ownsWhole: true);
        if (_hasSum)
        {
            Part.Engine.Add(Part, term);
            term.Dispose();
        }

        _hasSum = true;
    }

    /// <summary>What is left when the last microbatch's gradients are there; each axis needs the sum over the one before.</summary>
    private IEnumerable<TensorPending> SumsOfStep()
    {
        if (_sharding is { NumParts: 1, Axis.Degree: > 1 })
            yield return _sharding.Axis.StartAllReduce(Part);
        else if (_sharding is { NumParts: > 1, KeepsGradients: true })
            yield return _sharding.Axis.StartReduceScatter(Part, _buffer.Whole, ownsWhole: false);
        if (_sharding.Mesh.DpReplicate.Degree > 1)
            yield return _sharding.Mesh.DpReplicate.StartAllReduce(Part);
        if (_isReplicatedOverTp && _sharding.Tp.RowParts > 1)
            yield return _sharding.Tp.StartAllReduce(Part);
    }

    private Tensor NewPart()
    {
        using var scope = Part.Engine.Allocating(MemoryPart.Gradients);
        return Part.Engine.Empty(Part.Type, Part.Shape);
    }

    private void Complete()
    {
        while (ContinueReduce())
        {
        }
    }

    private void Begin(IEnumerable<TensorPending> sums)
    {
        _reducing = sums.GetEnumerator();
        Advance();
    }

    private void Advance()
    {
        if (_reducing!.MoveNext())
            return;
        _reducing.Dispose();
        _reducing = null;
    }
}
