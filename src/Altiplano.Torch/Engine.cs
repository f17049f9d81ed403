using Altiplano.Torch.Kernels;
using Altiplano.Torch.Native;

namespace Altiplano.Torch;

/// <summary>Creates tensors on one device and is the one point through which every operator passes.</summary>
/// <remarks>
/// An engine belongs to the thread that made it. On <see cref="Torch.Device.Shape"/> nothing native is loaded: operators check
/// shapes, report FLOPs and bytes to the observer, and return.
/// </remarks>
public sealed class Engine
{
    private readonly IKernels? _fused;
    private readonly IKernels? _reference;
    private long _allocations;
    private readonly IRowKernels? _fusedRows;
    private readonly IRowKernels? _referenceRows;

    /// <param name="device">Where tensors live; anything but shapes needs <see cref="Libtorch.Load"/> first.</param>
    /// <param name="observer">Told of every operator and allocation.</param>
    /// <param name="useFusedKernels">
    /// False computes everything by plain libtorch operators, which the fused kernels are tested against.
    /// </param>
    public Engine(Device device, IOperatorObserver? observer = null, bool useFusedKernels = true)
    {
        Device = device;
        Observer = observer;
        if (IsShapeOnly)
            return;
        Libtorch.RequireLoaded();
        NativeMethods.aoti_torch_grad_mode_set_enabled(0);
        (_reference, _referenceRows) = (new ReferenceKernels(), new ReferenceRowKernels());
        if (useFusedKernels)
            (_fused, _fusedRows) = (new CpuKernels(), new CpuRowKernels());
    }

    public Device Device { get; }
    public IOperatorObserver? Observer { get; }
    public bool IsShapeOnly => Device == Device.Shape;

    /// <summary>Bytes of all tensors alive now, as this engine handed them out.</summary>
    public long LiveBytes { get; private set; }

    /// <summary>The most bytes that were alive at once so far.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Tensors and views that were made and not yet disposed.</summary>
    public int LiveTensors { get; private set; }

    /// <summary>What tensors are for that are made now.</summary>
    public MemoryPart Part { get; internal set; }

    /// <summary>Says what tensors are for that are made until the result is disposed.</summary>
    public MemoryScope Allocating(MemoryPart part) => new(this, part);

    /// <summary>Says that a tensor is from here on for something else; the observer sees it released, and allocated again.</summary>
    public void Reassign(Tensor tensor, MemoryPart part)
    {
        Observer?.OnRelease(AllocationOf(tensor));
        (tensor.AllocationId, tensor.Part) = (++_allocations, part);
        Observer?.OnAllocate(AllocationOf(tensor));
    }

    /// <summary>A contiguous tensor with undefined content; the caller disposes it.</summary>
    public Tensor Empty(ScalarType type, params ReadOnlySpan<long> shape)
    {
        var strides = Tensor.ContiguousStrides(shape);
        var handle = IsShapeOnly ? 0 : NativeTensor.Empty(type, shape, strides);
        return Own(handle, type, shape.ToArray(), strides);
    }

    /// <summary>A contiguous tensor of zeros; the caller disposes it.</summary>
    public Tensor Zeros(ScalarType type, params ReadOnlySpan<long> shape)
    {
        var tensor = Empty(type, shape);
        if (!IsShapeOnly)
            NativeTensor.Zero(tensor);
        return tensor;
    }

    /// <summary>False where everything is computed by plain libtorch operators.</summary>
    internal bool UsesFusedKernels => _fused is not null;

    /// <summary>The fused kernels where the device has them for this type, else the plain ones.</summary>
    internal IKernels KernelsFor(ScalarType type) =>
        (type is ScalarType.Float32 or ScalarType.Float64 ? _fused : null) ?? _reference!;

    /// <summary>The same for <see cref="IRowKernels"/>.</summary>
    internal IRowKernels RowKernelsFor(ScalarType type) =>
        (type is ScalarType.Float32 or ScalarType.Float64 ? _fusedRows : null) ?? _referenceRows!;

    internal OperatorScope Begin(string name, double flops, long bytes)
    {
        var call = new OperatorCall(name, flops, bytes);
        Observer?.OnStart(call);
        return new OperatorScope(this, call);
    }

    /// <summary>Takes ownership of a handle whose storage nobody else holds.</summary>
    internal Tensor Own(nint handle, ScalarType type, long[] shape, long[] strides)
    {
        var tensor = new Tensor(this, handle, type, shape, strides) { AllocationId = ++_allocations, Part = Part };
        LiveBytes += tensor.NumBytes;
        PeakBytes = Math.Max(PeakBytes, LiveBytes);
        Observer?.OnAllocate(AllocationOf(tensor));
        return tensor;
    }

    internal void OnCreated() => LiveTensors++;

    internal void OnDisposed(Tensor tensor)
    {
        LiveTensors--;
        if (tensor.IsView)
            return;
        LiveBytes -= tensor.NumBytes;
        Observer?.OnRelease(AllocationOf(tensor));
    }

    private static Allocation AllocationOf(Tensor tensor) => new(tensor.AllocationId, tensor.NumBytes, tensor.Part);
}
