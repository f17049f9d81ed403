namespace Altiplano.Distributed;

/// <summary>An operation in flight. Its memory belongs to it until <see cref="Wait"/> returns.</summary>
public abstract class Pending
{
    /// <summary>One that is done.</summary>
    public static Pending Completed { get; } = new Done();

    /// <summary>True when <see cref="Wait"/> will not block.</summary>
    public abstract bool IsCompleted { get; }

    /// <summary>Blocks until the operation is done here: the output is there, and the input may be reused.</summary>
    /// <remarks>May be called again. On a GPU it blocks the compute stream, not the host.</remarks>
    /// <exception cref="CollectiveException">It failed, or not every rank came before the deadline.</exception>
    public abstract void Wait();

    /// <summary>When the operation, behind earlier ones of its group, began and was done here; null before, and where nobody can tell.</summary>
    /// <remarks>Readings of <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</remarks>
    public virtual (long Begun, long Ended)? Moved => null;

    private sealed class Done : Pending
    {
        public override bool IsCompleted => true;

        public override void Wait() { }
    }
}
