using Altiplano.Data.Sampling;
using Altiplano.Planning.Architecture;
using Altiplano.Planning.Costs;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Training.Loop;

/// <summary>Rows of tokens on the host: what a <see cref="PackedBatch"/> is made of.</summary>
/// <param name="Tokens">[R] inputs.</param>
/// <param name="Targets">[R] next tokens, or <see cref="LossOperators.IgnoredTarget"/>.</param>
public sealed record HostBatch(long[] Tokens, long[] Targets, IReadOnlyList<Segment> Segments)
{
    public long NumValidTokens => Targets.LongCount(target => target != LossOperators.IgnoredTarget);

    /// <summary>Query-key pairs of a head in all layers: what attention's FLOPs follow from.</summary>
    public double PairsIn(LlamaArchitecture model) => Segments.Sum(segment => AttentionPairs.OfDocument(model, segment.Length));

    /// <summary>Copies the rows to the engine; the caller disposes the result.</summary>
    /// <param name="vocabulary">The part of the vocabulary that this rank has; null for all.</param>
    /// <param name="context">The part of the rows that this rank has; null for all.</param>
    public PackedBatch Upload(Engine engine, VocabularyPart? vocabulary = null, ContextPart? context = null) =>
        new(engine, Tokens, Targets, Segments, vocabulary, context);
}

/// <summary>Reads one window of tokens.</summary>
/// <param name="number">Number of the sample or window.</param>
/// <param name="tokens">T + 1 tokens, written.</param>
/// <param name="segmentStarts">Positions in [0, T) where documents begin, written; 0 first.</param>
/// <returns>The targets that count: all of them, unless windows overlap or a file ends.</returns>
public delegate Range WindowReader(long number, Span<int> tokens, List<int> segmentStarts);

/// <summary>Puts windows of one length behind one another.</summary>
/// <param name="documentMask">False lets every window attend to all of itself.</param>
public sealed class BatchSource(WindowReader read, int seqLen, bool documentMask)
{
    private readonly int[] _tokens = new int[seqLen + 1];
    private readonly List<int> _starts = [];

    public BatchSource(MixtureSampler sampler, bool documentMask)
        : this((number, tokens, starts) => ..sampler.GetSample(number, tokens, starts).NumTargets, sampler.SeqLen, documentMask)
    {
    }

    public BatchSource(SequentialWindows windows, bool documentMask)
        : this((number, tokens, starts) => windows.FirstTarget(number)..windows.GetWindow(number, tokens, starts).NumTargets, windows.SeqLen, documentMask)
    {
    }

    /// <param name="first">Number of the first window.</param>
    /// <param name="count">Windows of the batch.</param>
    public HostBatch Read(long first, int count)
    {
        var tokens = new long[count * seqLen];
        var targets = new long[count * seqLen];
        var segments = new List<Segment>();
        for (var i = 0; i < count; i++)
        {
            var counted = read(first + i, _tokens, _starts);
            var row = i * seqLen;
            for (var t = 0; t < seqLen; t++)
            {
                tokens[row + t] = _tokens[t];
                targets[row + t] = t >= counted.Start.Value && t < counted.End.Value ? _tokens[t + 1] : LossOperators.IgnoredTarget;
            }

            AddSegments(segments, row);
        }

        return new HostBatch(tokens, targets, segments);
    }

    private void AddSegments(List<Segment> segments, int row)
    {
        if (!documentMask)
        {
            segments.Add(new Segment(row, seqLen));
            return;
        }

        for (var i = 0; i < _starts.Count; i++)
        {
            var end = i + 1 < _starts.Count ? _starts[i + 1] : seqLen;
            segments.Add(new Segment(row + _starts[i], end - _starts[i]));
        }
    }
}
