using Altiplano.Planning.Architecture;
using Altiplano.Torch.Operators;
using Altiplano.Training.Loop;
using Altiplano.Training.Parallel;

namespace Altiplano.Bench;

/// <summary>The models that the step benchmark trains, and their random tokens.</summary>
internal static class StepModel
{
    public static LlamaArchitecture ArchitectureOf(string name)
    {
        var (width, inner, layers, heads, vocabulary) = name switch
        {
            "1m" => (128, 384, 4, 4, 2_000),
            "15m" => (288, 768, 6, 6, 32_000),
            "50m" => (512, 2048, 8, 8, 32_000),
            var unknown => throw new ArgumentException($"{unknown} is no model of the step benchmark. Use 1m, 15m or 50m."),
        };
        return new LlamaArchitecture
        {
            VocabSize = vocabulary,
            HiddenSize = width,
            IntermediateSize = inner,
            NumLayers = layers,
            NumAttentionHeads = heads,
            NumKeyValueHeads = heads,
            RopeTheta = 10_000,
            TieWordEmbeddings = true,
        };
    }

    /// <summary>This rank's microbatches of a step, which is the same whatever the mesh.</summary>
    public static IReadOnlyList<HostBatch> Microbatches(StepOptions options, int vocabulary, DeviceMesh mesh)
    {
        var random = new Random(1);
        var sequences = Enumerable.Range(0, options.Batch).Select(_ => Sequence(options, vocabulary, random)).ToList();
        var samples = StepSamples.Of(0, options.Batch, options.MicroBatch ?? options.Batch / mesh.DataDegree, mesh);
        return [.. samples.Select(part => Join(sequences.GetRange((int)part.First, part.Count), options.SeqLen))];
    }

    private static HostBatch Sequence(StepOptions options, int vocabulary, Random random)
    {
        var (tokens, targets) = (new long[options.SeqLen], new long[options.SeqLen]);
        for (var i = 0; i < options.SeqLen; i++)
            (tokens[i], targets[i]) = (random.Next(vocabulary), random.Next(vocabulary));
        return new HostBatch(tokens, targets, Documents(options, random));
    }

    private static List<Segment> Documents(StepOptions options, Random random)
    {
        var segments = new List<Segment>();
        for (var position = 0; position < options.SeqLen;)
        {
            var length = options.Documents is { } range ? random.Next(range.Shortest, range.Longest + 1) : options.SeqLen;
            length = Math.Min(length, options.SeqLen - position);
            segments.Add(new Segment(position, length));
            position += length;
        }

        return segments;
    }

    private static HostBatch Join(List<HostBatch> sequences, int length) => new(
        [.. sequences.SelectMany(sequence => sequence.Tokens)], [.. sequences.SelectMany(sequence => sequence.Targets)],
        [.. sequences.SelectMany((sequence, i) => sequence.Segments.Select(segment => segment with { Start = segment.Start + i * length }))]);
}
