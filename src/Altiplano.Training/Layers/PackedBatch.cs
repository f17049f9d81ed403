using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Rows of tokens, one after another: some sequences, each packed with one or more documents.</summary>
public sealed class PackedBatch : IDisposable
{
    private readonly ContextPart? _context;
    private readonly int _rowsOfAll;
    private (int Tokens, PackedBatch Batch)? _cut;

    /// <param name="tokens">[R] token ids.</param>
    /// <param name="targets">[R] the id that follows each token, or <see cref="LossOperators.IgnoredTarget"/>.</param>
    /// <param name="segments">Documents, which do not attend to each other; positions count from 0 in each.</param>
    /// <param name="vocabulary">The part of the vocabulary that this rank has; null for all.</param>
    /// <param name="context">The part of the rows that this rank has; null for all.</param>
    public PackedBatch(
        Engine engine, ReadOnlySpan<long> tokens, ReadOnlySpan<long> targets, IReadOnlyList<Segment> segments,
        VocabularyPart? vocabulary = null, ContextPart? context = null)
    {
        (Segments, _context, _rowsOfAll) = (segments, context, tokens.Length);
        var positions = PositionsOf(segments, tokens.Length);
        if (context is { } rows)
        {
            Queries = rows.QueriesOf(segments, tokens.Length);
            tokens = rows.Pick(tokens);
            targets = rows.Pick(targets);
            positions = rows.Pick(positions);
        }

        Tokens_R = engine.Upload(ScalarType.Int64, vocabulary is { } part ? part.RowsOf(tokens) : tokens, tokens.Length);
        Targets_R = engine.Upload(ScalarType.Int64, vocabulary is { } own ? own.TargetsOf(targets) : targets, targets.Length);
        Positions_R = engine.Upload<long>(ScalarType.Int64, positions, tokens.Length);
        foreach (var target in targets)
            NumValidTokens += target == LossOperators.IgnoredTarget ? 0 : 1;
    }

    /// <summary>Other documents of the same rows.</summary>
    private PackedBatch(PackedBatch rows, IReadOnlyList<Segment> segments)
    {
        (Segments, _context, _rowsOfAll) = (segments, rows._context, rows._rowsOfAll);
        (Tokens_R, Targets_R, Positions_R, NumValidTokens) = (rows.Tokens_R, rows.Targets_R, rows.Positions_R, rows.NumValidTokens);
        if (_context is { } context)
            Queries = context.QueriesOf(segments, _rowsOfAll);
    }

    public long NumRows => Tokens_R.Size(0);

    /// <summary>Rows whose loss counts.</summary>
    public long NumValidTokens { get; }

    /// <summary>Documents among the rows of all cp ranks.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    /// <summary>
    /// Where the rows are spread over cp, this rank's queries and the keys that they see, see <see cref="ContextPart.QueriesOf"/>; else empty.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<QueryPiece>> Queries { get; } = [];

    /// <summary>Tokens of the longest document.</summary>
    public long MaxLength => Segments.Max(segment => segment.Length);

    /// <summary>Rows of the embedding table; -1 for those of other ranks.</summary>
    public Tensor Tokens_R { get; }

    /// <summary>Columns of the logits, <see cref="LossOperators.TargetElsewhere"/> or <see cref="LossOperators.IgnoredTarget"/>.</summary>
    public Tensor Targets_R { get; }
    public Tensor Positions_R { get; }

    /// <summary>The same rows with documents cut every so many tokens, which do not attend to each other; positions stay.</summary>
    /// <param name="tokens">Null for whole documents.</param>
    /// <returns>Lives as long as this batch, and is not disposed.</returns>
    public PackedBatch CutAt(int? tokens)
    {
        if (tokens is not { } length || length >= MaxLength)
            return this;
        if (_cut is not { } cut || cut.Tokens != length)
            _cut = cut = (length, new PackedBatch(this, [.. Segments.SelectMany(segment => segment.Cut(length))]));
        return cut.Batch;
    }

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
