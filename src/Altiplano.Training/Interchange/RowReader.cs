using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Reads a matrix whose rows the source holds in another order.</summary>
/// <param name="Columns">Elements of a row.</param>
/// <param name="SourceRow">Where the source has a row.</param>
internal readonly record struct RowReader(IWeightSource Source, string Name, long Columns, Func<long, long> SourceRow)
{
    public void Read(long firstElement, Span<float> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var (from, count) = Next(firstElement + done, destination.Length - done);
            Source.Read(Name, from, destination.Slice(done, count));
            done += count;
        }
    }

    public void Read(long firstElement, Span<double> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var (from, count) = Next(firstElement + done, destination.Length - done);
            Source.Read(Name, from, destination.Slice(done, count));
            done += count;
        }
    }

    /// <summary>Where the source has an element, and how many follow it in the same row.</summary>
    private (long From, int Count) Next(long element, int wanted)
    {
        var (row, column) = Math.DivRem(element, Columns);
        return (SourceRow(row) * Columns + column, (int)Math.Min(wanted, Columns - column));
    }
}
