using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Rows of tokens, one after another: some sequences, each packed with one or more documents.</summary>
public sealed class PackedBatch : IDisposable
{
    /// <param name="tokens">[R] token ids.</param>
    /// <param name="targets">[R] the id that follows each token, or <see cref="LossOperators.IgnoredTarget"/>.</param>
    /// <param name="segments">Documents, which do not attend to each other; positions count from 0 in each.</param>
    public PackedBatch(Engine engine, ReadOnlySpan<long> tokens, ReadOnlySpan<long> targets, IReadOnlyList<Segment> segments)
    {
        Segments = segments;
        Tokens_R = engine.Upload(ScalarType.Int64, tokens, tokens.Length);
        Targets_R = engine.Upload(ScalarType.Int64, targets, targets.Length);
        Positions_R = engine.Upload<long>(ScalarType.Int64, PositionsOf(segments, tokens.Length), tokens.Length);
        foreach (var target in targets)
            NumValidTokens += target == LossOperators.IgnoredTarget ? 0 : 1;
    }

    public long NumRows => Tokens_R.Size(0);

    /// <summary>Rows whose loss counts.</summary>
    public long NumValidTokens { get; }

    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>Tokens of the longest document.</summary>
    public long MaxLength => Segments.Max(segment => segment.Length);

    public Tensor Tokens_R { get; }
    public Tensor Targets_R { get; }
    public Tensor Positions_R { get; }

    public void Dispose()
    {
        Tokens_R.Dispose();
        Targets_R.Dispose();
        Positions_R.Dispose();
    }

    private static long[] PositionsOf(IReadOnlyList<Segment> segments, int rows)
    {
        var positions = new long[rows];
        foreach (var segment in segments)
        {
            for (var i = 0; i < segment.Length; i++)
                positions[segment.Start + i] = i;
        }

        return positions;
    }
}
