namespace Altiplano.Torch;

/// <summary>What an operator is about to do.</summary>
/// <param name="Name">The operator, as libtorch names its like: mm, rms_norm, attention_backward.</param>
/// <param name="Flops">Floating-point operations; a multiply-add counts two.</param>
/// <param name="Bytes">Bytes read and written, each operand once.</param>
public readonly record struct OperatorCall(string Name, double Flops, long Bytes);

/// <summary>
/// Sees every operator, allocation and release of an <see cref="Engine"/>, on real tensors and on shapes alike.
/// </summary>
public interface IOperatorObserver
{
    void OnStart(in OperatorCall call);

    void OnEnd(in OperatorCall call);

    void OnAllocate(in Allocation allocation);

    void OnRelease(in Allocation allocation);
}

/// <summary>An operator in progress; disposing it tells the observer that the operator ended.</summary>
internal readonly ref struct OperatorScope(Engine engine, OperatorCall call)
{
    public bool IsShapeOnly => engine.IsShapeOnly;

    public void Dispose() => engine.Observer?.OnEnd(call);
}
