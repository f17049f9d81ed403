namespace Altiplano.Distributed.Faults;

/// <summary>Turns the lowest bit of the output's first byte once the operation is done.</summary>
internal sealed unsafe class CorruptedPending(Pending inner, NativeBuffer output) : Pending
{
    private bool _isCorrupted;

    public override bool IsCompleted => inner.IsCompleted;

    public override void Wait()
    {
        inner.Wait();
        if (!_isCorrupted && output.Count > 0)
            *(byte*)output.Address ^= 1;
        _isCorrupted = true;
    }
}
