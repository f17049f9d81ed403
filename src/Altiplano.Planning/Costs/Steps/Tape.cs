namespace Altiplano.Planning.Costs.Steps;

/// <summary>Bytes that come and go, and the most that there were.</summary>
internal struct Tape
{
    public long Now { get; private set; }

    public long Peak { get; private set; }

    public void Make(long bytes)
    {
        Now += bytes;
        Peak = Math.Max(Peak, Now);
    }

    public void Drop(long bytes) => Now -= bytes;

    /// <summary>Makes and drops: bytes that are there for a moment.</summary>
    public void Pass(long bytes)
    {
        Make(bytes);
        Drop(bytes);
    }
}
