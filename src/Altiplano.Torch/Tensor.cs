using Altiplano.Torch.Native;

namespace Altiplano.Torch;

/// <summary>A handle to a tensor, or to a view of one; its owner disposes it. No finalizer stands behind it.</summary>
public sealed class Tensor : IDisposable
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly long _offset;
    private readonly long _storageElements;
    private bool _isDisposed;

    /// <summary>A tensor with a storage of its own.</summary>
    internal Tensor(Engine engine, nint handle, ScalarType type, long[] shape, long[] strides)
    {
        Engine = engine;
        Handle = handle;
        Type = type;
        _shape = shape;
        _strides = strides;
        NumElements = Product(shape);
        _storageElements = NumElements == 0 ? 0 : LastElement(shape, strides) + 1;
        engine.OnCreated();
    }

    private Tensor(Tensor source, nint handle, long[] shape, long[] strides, long offset)
        : this(source.Engine, handle, source.Type, shape, strides)
    {
        IsView = true;
        _offset = offset;
        _storageElements = source._storageElements;
    }

    public Engine Engine { get; }
    public ScalarType Type { get; }
    public ReadOnlySpan<long> Shape => _shape;
    public ReadOnlySpan<long> Strides => _strides;
    public long NumElements { get; }
    public long NumBytes => NumElements * Type.Size();

    /// <summary>True when the storage belongs to another tensor.</summary>
    public bool IsView { get; }

    public bool IsContiguous => _strides.AsSpan().SequenceEqual(ContiguousStrides(_shape)) || NumElements <= 1;

    /// <summary>What the storage is for; of a view, nothing is known.</summary>
    internal MemoryPart Part { get; set; }

    /// <summary>Number of the storage; 0 for a view.</summary>
    internal long AllocationId { get; set; }

    internal nint Handle { get; }

    /// <summary>Size of a dim; negative counts from the last.</summary>
    public long Size(int dim) => _shape[dim < 0 ? _shape.Length + dim : dim];

    /// <summary>Any strided window on the same storage; offset and strides in elements. The caller disposes it.</summary>
    /// <exception cref="ShapeException">The window leaves the storage.</exception>
    public Tensor View(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset = 0)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var start = _offset + offset;
        if (start < 0 || start > _storageElements || (Product(shape) > 0 && start + LastElement(shape, strides) >= _storageElements))
        {
            throw new ShapeException(
                $"A window [{Join(shape)}] with strides [{Join(strides)}] from element {start} leaves the storage of {this}, " +
                $"which has {_storageElements}.");
        }

        var handle = Engine.IsShapeOnly ? 0 : NativeTensor.View(this, shape, strides, offset);
        return new Tensor(this, handle, shape.ToArray(), strides.ToArray(), start);
    }

    /// <summary>The same elements under another shape. The caller disposes it.</summary>
    /// <exception cref="ShapeException">The tensor is not contiguous, or the number of elements differs.</exception>
    public Tensor Reshape(params ReadOnlySpan<long> shape)
    {
        if (!IsContiguous || Product(shape) != NumElements)
            throw new ShapeException($"{this} cannot be seen as [{Join(shape)}]: it must be contiguous and have as many elements.");
        return View(shape, ContiguousStrides(shape));
    }

    /// <summary>Rows [start, start + count) of the first dim. The caller disposes it.</summary>
    /// <exception cref="ShapeException">The range leaves the dim.</exception>
    public Tensor Rows(long start, long count) => Narrow(0, start, count);

    /// <summary>Columns [start, start + count) of the last dim. The caller disposes it.</summary>
    /// <exception cref="ShapeException">The range leaves the dim.</exception>
    public Tensor Columns(long start, long count) => Narrow(_shape.Length - 1, start, count);

    /// <summary>A matrix with its two dims exchanged. The caller disposes it.</summary>
    public Tensor Transpose() => View([_shape[1], _shape[0]], [_strides[1], _strides[0]]);

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        if (Handle != 0)
            NativeTensor.Delete(Handle);
        Engine.OnDisposed(this);
    }

    public override string ToString() => $"{Type.ShortName()}[{Join(_shape)}]";

    internal static long[] ContiguousStrides(ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        var stride = 1L;
        for (var dim = shape.Length - 1; dim >= 0; dim--)
        {
            strides[dim] = stride;
            stride *= Math.Max(shape[dim], 1);
        }

        return strides;
    }

    internal static string Join(ReadOnlySpan<long> shape) => string.Join(", ", shape.ToArray());

    /// <summary>
    /// Place of the last element, counted from the first, on the storage; strides are not negative, as libtorch's are not.
    /// </summary>
    private static long LastElement(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        var last = 0L;
        for (var dim = 0; dim < shape.Length; dim++)
            last += (shape[dim] - 1) * strides[dim];
        return last;
    }

    private static long Product(ReadOnlySpan<long> shape)
    {
        var product = 1L;
        foreach (var size in shape)
            product *= size;
        return product;
    }

    private Tensor Narrow(int dim, long start, long count)
    {
        if (start < 0 || count < 0 || start + count > _shape[dim])
            throw new ShapeException($"{this} has no range {start}..{start + count} in dim {dim} of size {_shape[dim]}.");
        Span<long> shape = [.. _shape];
        shape[dim] = count;
        return View(shape, _strides, start * _strides[dim]);
    }
}
