using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Layers;

/// <summary>The portable tiny Llama 4: layers 1 and 3 are mixtures, layer 3 has no rotary embedding, chunks of 4 tokens.</summary>
internal static class TinyLlama4
{
    public static readonly LlamaArchitecture Architecture = new()
    {
        VocabSize = 32, HiddenSize = 16, IntermediateSize = 24, NumLayers = 4, NumAttentionHeads = 4, NumKeyValueHeads = 2,
        RopeScaling = new RopeScaling(16, 1, 1, 8192),
        Mixture = new MixtureShape(4, 1, 16, SharedIntermediateSize: 16, Interleave: 2),
        Attention = new Llama4Attention(4, 4, HasQkNorm: true, new AttentionTemperature(4, 0.1)),
    };

    public static readonly long[] Tokens = [1, 5, 9, 2, 7, 30, 12, 3, 17, 22];

    private static readonly int[] FirstNumbers = [102, 111, 124, 133];

    /// <summary>Order of the tensor numbers of a layer; of both kinds of layers the first six are alike.</summary>
    private static readonly string[] Attention =
        ["input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "post_attention_layernorm"];

    private static readonly string[] Dense = [.. Attention, "feed_forward.gate_proj", "feed_forward.up_proj", "feed_forward.down_proj"];

    private static readonly string[] Mixture =
    [
        .. Attention, "feed_forward.router", "gate", "up", "down", "feed_forward.shared_expert.gate_proj", "feed_forward.shared_expert.up_proj",
        "feed_forward.shared_expert.down_proj",
    ];

    public static TinyLlama New(
        LlamaArchitecture? architecture = null, ScalarType type = ScalarType.Float64, Engine? engine = null,
        Recompute recompute = Recompute.None) => new(architecture ?? Architecture, type, engine, recompute, values: ReferenceValues);

    /// <summary>One document: each token's target is the next one, the last has none.</summary>
    public static PackedBatch Batch(Engine engine) =>
        new(engine, Tokens, [.. Tokens.Skip(1), LossOperators.IgnoredTarget], [new Segment(0, Tokens.Length)]);

    private static double[] ReferenceValues(ParameterSpec spec)
    {
        if (spec.Layer is not { } layer)
        {
            return spec.Role switch
            {
                ParameterRole.Embedding => Sine(101, spec.NumElements, 0.5),
                ParameterRole.Norm => Sine(146, spec.NumElements, 0.1, 1),
                _ => Sine(147, spec.NumElements, 0.2),
            };
        }

        var parts = Architecture.IsMixtureLayer(layer) ? Mixture : Dense;
        int Number(string part) => FirstNumbers[layer] + Array.IndexOf(parts, part);
        if (spec.Role == ParameterRole.ExpertGateUp)
            return SideBySide(Sine(Number("gate"), spec.NumElements / 2, 0.3), Sine(Number("up"), spec.NumElements / 2, 0.3), (int)spec.Shape[2] / 2);
        if (spec.Role == ParameterRole.ExpertDown)
            return Sine(Number("down"), spec.NumElements, 0.3);
        var number = Number(parts.Single(part => spec.Name == ParameterTable.LayerName(layer, part)));
        if (spec.Name.Contains("router", StringComparison.Ordinal))
            return Transposed(Sine(number, spec.NumElements, 0.5), (int)spec.Shape[0]);
        return spec.Role == ParameterRole.Norm ? Sine(number, spec.NumElements, 0.1, 1) : Sine(number, spec.NumElements, 0.2);
    }

    private static double[] Sine(int number, long count, double scale, double offset = 0) =>
        [.. Enumerable.Range(0, (int)count).Select(i => offset + scale * Math.Sin(0.7 * i + 1.3 * number + 0.5))];

    /// <summary>The rows of two matrices behind each other.</summary>
    private static double[] SideBySide(double[] gate, double[] up, int width) =>
        [.. Enumerable.Range(0, gate.Length / width).SelectMany(row => gate.AsSpan(row * width, width).ToArray().Concat(up.AsSpan(row * width, width).ToArray()))];

    /// <param name="columns">Of the matrix that is transposed.</param>
    private static double[] Transposed(double[] matrix, int columns)
    {
        var rows = matrix.Length / columns;
        return [.. Enumerable.Range(0, matrix.Length).Select(i => matrix[i % rows * columns + i / rows])];
    }
}
