using Altiplano.Torch.Native;

namespace Altiplano.Torch;

/// <summary>A handle to a tensor, or to a view of one; its owner disposes it. No finalizer stands behind it.</summary>
public sealed class Tensor : IDisposable
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private bool _isDisposed;

    internal Tensor(Engine engine, nint handle, ScalarType type, long[] shape, long[] strides, bool isView)
    {
        Engine = engine;
        Handle = handle;
        Type = type;
        IsView = isView;
        _shape = shape;
        _strides = strides;
        NumElements = Product(shape);
        engine.OnCreated();
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

    internal nint Handle { get; }

    /// <summary>Size of a dim; negative counts from the last.</summary>
    public long Size(int dim) => _shape[dim < 0 ? _shape.Length + dim : dim];

    /// <summary>Any strided window on the same storage; offset and strides in elements. The caller disposes it.</summary>
    public Tensor View(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset = 0)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var handle = Engine.IsShapeOnly ? 0 : NativeTensor.View(this, shape, strides, offset);
        return new Tensor(Engine, handle, Type, shape.ToArray(), strides.ToArray(), isView: true);
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
