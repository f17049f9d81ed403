namespace Altiplano.Distributed.Reductions;

/// <summary>Copies between addresses.</summary>
internal static unsafe class Copying
{
    /// <summary>Copies, unless both are the same place.</summary>
    public static void Copy(nint source, nint target, long bytes)
    {
        if (source != target && bytes > 0)
            Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
    }
}
