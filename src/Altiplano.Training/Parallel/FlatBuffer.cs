using Altiplano.Torch;

namespace Altiplano.Training.Parallel;

/// <summary>Flat memory that comes and goes, and the views that layers have of it while it is there.</summary>
/// <param name="name">For messages: of what, for example <c>weights of layers.3</c>.</param>
internal sealed class FlatBuffer(string name) : IDisposable
{
    private readonly List<BufferView> _views = [];
    private Tensor? _whole;

    public bool IsOpen => _whole is not null;

    /// <summary>[P].</summary>
    /// <exception cref="InvalidOperationException">It is not there now.</exception>
    public Tensor Whole => _whole ?? throw new InvalidOperationException($"The {name} are not in memory now: they were not gathered before use.");

    /// <param name="whole">Owned by the buffer from here on.</param>
    public void Open(Tensor whole) => _whole = whole;

    /// <summary>Zeros for this rank's part of a group: as part of the whole where all of it is kept, else alone.</summary>
    /// <returns>[P / parts]; the caller disposes it.</returns>
    public Tensor OpenPart(Engine engine, ScalarType type, long length, Sharding sharding, bool keepsWhole)
    {
        var part = sharding.PartLength(length);
        if (!keepsWhole)
            return engine.Zeros(type, part);
        Open(engine.Zeros(type, part * sharding.NumParts));
        return sharding.NumParts == 1 ? Whole : Whole.Rows(sharding.PartStart(length), part);
    }

    /// <summary>Ends all views.</summary>
    /// <returns>The memory, which the caller disposes.</returns>
    public Tensor Close()
    {
        _views.ForEach(view => view.Drop());
        var whole = Whole;
        _whole = null;
        return whole;
    }

    public BufferView View(long start, long[] shape)
    {
        var view = new BufferView(this, start, shape);
        _views.Add(view);
        return view;
    }

    public void Dispose()
    {
        if (IsOpen)
            Close().Dispose();
    }
}

/// <summary>A vector, a matrix or one matrix behind the other inside a flat buffer.</summary>
internal sealed class BufferView(FlatBuffer buffer, long start, long[] shape)
{
    private Tensor? _tensor;

    /// <summary>The view, which the buffer disposes.</summary>
    /// <exception cref="InvalidOperationException">The buffer is not there now.</exception>
    public Tensor Tensor => _tensor ??= buffer.Whole.View(shape, Strides(shape), start);

    public void Drop()
    {
        _tensor?.Dispose();
        _tensor = null;
    }

    private static long[] Strides(long[] shape) => shape switch
    {
        [_, var rows, var columns] => [rows * columns, columns, 1],
        [_, var columns] => [columns, 1],
        _ => [1],
    };
}
