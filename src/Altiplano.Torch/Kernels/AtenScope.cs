using Altiplano.Torch.Native;
using Altiplano.Torch.Operators;

namespace Altiplano.Torch.Kernels;

/// <summary>Plain libtorch operators whose results live until the scope is disposed: formulas without a using for each term.</summary>
internal sealed unsafe class AtenScope(Engine engine) : IDisposable
{
    private readonly List<Tensor> _results = [];

    /// <summary>A copy in another element type, or the tensor itself when it has it.</summary>
    public Tensor To(Tensor a, ScalarType type)
    {
        if (a.Type == type)
            return a;
        var copy = Keep(engine.Empty(type, a.Shape));
        NativeTensor.Copy(copy, a);
        return copy;
    }

    public Tensor View(Tensor a, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset = 0) =>
        Keep(a.View(shape, strides, offset));

    public Tensor Column(Tensor a) => Keep(a.Reshape(a.NumElements, 1));

    public Tensor Mul(Tensor a, Tensor b) =>
        Keep(Dispatcher.Call(engine, "aten::mul"u8, "Tensor"u8, Dispatcher.Of(a), Dispatcher.Of(b)));

    public Tensor Add(Tensor a, Tensor b) => Sub(a, b, -1);

    public Tensor Sub(Tensor a, Tensor b, double alpha = 1)
    {
        nint result;
        NativeTensor.Check(NativeMethods.aoti_torch_aten_subtract_Tensor(a.Handle, b.Handle, alpha, &result));
        return Keep(NativeTensor.Adopt(engine, result));
    }

    public Tensor Mul(Tensor a, double factor)
    {
        nint result;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu_mul_Scalar(a.Handle, factor, &result));
        return Keep(NativeTensor.Adopt(engine, result));
    }

    public Tensor Add(Tensor a, double addend)
    {
        nint result;
        NativeTensor.Check(NativeMethods.aoti_torch_cpu_add_Scalar(a.Handle, addend, 1, &result));
        return Keep(NativeTensor.Adopt(engine, result));
    }

    public Tensor Rsqrt(Tensor a) => Keep(Dispatcher.Call(engine, "aten::rsqrt"u8, ""u8, Dispatcher.Of(a)));

    public Tensor Sigmoid(Tensor a) => Keep(Dispatcher.Call(engine, "aten::sigmoid"u8, ""u8, Dispatcher.Of(a)));

    public Tensor Sqrt(Tensor a) => Keep(Dispatcher.Call(engine, "aten::sqrt"u8, ""u8, Dispatcher.Of(a)));

    public Tensor Div(Tensor a, Tensor b) =>
        Keep(Dispatcher.Call(engine, "aten::div"u8, "Tensor"u8, Dispatcher.Of(a), Dispatcher.Of(b)));

    public Tensor Softmax(Tensor a) =>
        Keep(Dispatcher.Call(engine, "aten::_softmax"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(-1), Dispatcher.Of(false)));

    public Tensor LogSoftmax(Tensor a) =>
        Keep(Dispatcher.Call(engine, "aten::_log_softmax"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(-1), Dispatcher.Of(false)));

    public Tensor Exp(Tensor a) => Keep(Dispatcher.Call(engine, "aten::exp"u8, ""u8, Dispatcher.Of(a)));

    /// <summary>log(exp(a) + exp(b)).</summary>
    public Tensor LogAddExp(Tensor a, Tensor b) =>
        Keep(Dispatcher.Call(engine, "aten::logaddexp"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(b)));

    /// <summary>Takes ownership of a result of libtorch.</summary>
    public Tensor Adopt(nint result) => Keep(NativeTensor.Adopt(engine, result));

    public Tensor Log(Tensor a) => Keep(Dispatcher.Call(engine, "aten::log"u8, ""u8, Dispatcher.Of(a)));

    /// <summary>Largest of the last dim, which stays with size 1.</summary>
    public Tensor MaxOfRows(Tensor a) =>
        Keep(Dispatcher.Call(engine, "aten::amax"u8, ""u8, Dispatcher.Of(a), Dispatcher.List(-1), Dispatcher.Of(true)));

    /// <summary>Mean over the last dim, which stays with size 1.</summary>
    public Tensor MeanOfRows(Tensor a) => Keep(Dispatcher.Call(
        engine, "aten::mean"u8, "dim"u8, Dispatcher.Of(a), Dispatcher.Some(Dispatcher.List(-1)), Dispatcher.Of(true), Dispatcher.None));

    /// <summary>Sum over the first dim.</summary>
    public Tensor SumOfColumns(Tensor a) => Keep(Dispatcher.Call(
        engine, "aten::sum"u8, "dim_IntList"u8, Dispatcher.Of(a), Dispatcher.Some(Dispatcher.List(0)), Dispatcher.Of(false), Dispatcher.None));

    public Tensor SelectRows(Tensor a, Tensor ids) =>
        Keep(Dispatcher.Call(engine, "aten::index_select"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(0), Dispatcher.Of(ids)));

    /// <summary>a[r, columns[r]] of each row, [R, 1].</summary>
    public Tensor Pick(Tensor a, Tensor columns) => Keep(Dispatcher.Call(
        engine, "aten::gather"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(1), Dispatcher.Of(Column(columns)), Dispatcher.Of(false)));

    /// <summary>a[r, columns[r]] += values[r] in place.</summary>
    public void AddAt(Tensor a, Tensor columns, Tensor values) => Dispatcher.CallInto(
        "aten::scatter_add_"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(1), Dispatcher.Of(Column(columns)), Dispatcher.Of(values));

    /// <summary>a[ids[r]] += rows[r] in place.</summary>
    public void AddRows(Tensor a, Tensor ids, Tensor rows)
    {
        var index = View(ids, rows.Shape, [1, 0]);
        Dispatcher.CallInto("aten::scatter_add_"u8, ""u8, Dispatcher.Of(a), Dispatcher.Of(0), Dispatcher.Of(index), Dispatcher.Of(rows));
    }

    /// <summary>1 where a ≥ 0, else 0, in the given type.</summary>
    public Tensor IsNotNegative(Tensor a, ScalarType type) => IsAtLeast(a, 0, type);

    /// <summary>1 where a target counts, here or on another rank, else 0, in the given type.</summary>
    public Tensor IsCounted(Tensor targets, ScalarType type) => IsAtLeast(targets, LossOperators.TargetElsewhere, type);

    private Tensor IsAtLeast(Tensor a, long limit, ScalarType type)
    {
        var least = Add(Keep(engine.Zeros(a.Type)), limit);
        return To(Keep(Dispatcher.Call(engine, "aten::ge"u8, "Tensor"u8, Dispatcher.Of(a), Dispatcher.Of(least))), type);
    }

    /// <summary>Larger of a and 0.</summary>
    public Tensor Positive(Tensor a) => Keep(Dispatcher.Call(engine, "aten::relu"u8, ""u8, Dispatcher.Of(a)));

    public void Dispose()
    {
        foreach (var result in _results)
            result.Dispose();
    }

    private Tensor Keep(Tensor tensor)
    {
        _results.Add(tensor);
        return tensor;
    }
}
