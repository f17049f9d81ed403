using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Token ids that follow each other: the rows of embedding and head that one rank has.</summary>
public readonly record struct VocabularyPart(long First, long Count)
{
    /// <summary>Number of each token's row in the part, or -1 where it is another rank's.</summary>
    public long[] RowsOf(ReadOnlySpan<long> tokens)
    {
        var rows = new long[tokens.Length];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = RowOf(tokens[i]);
        return rows;
    }

    /// <summary>The same for targets; ignored ones stay so.</summary>
    public long[] TargetsOf(ReadOnlySpan<long> targets)
    {
        var rows = new long[targets.Length];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = targets[i] == LossOperators.IgnoredTarget ? LossOperators.IgnoredTarget : RowOf(targets[i]);
        return rows;
    }

    private long RowOf(long token) => token >= First && token < First + Count ? token - First : LossOperators.TargetElsewhere;
}
