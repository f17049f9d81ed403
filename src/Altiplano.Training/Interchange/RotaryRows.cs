using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary>The order of the rows of q and k inside a head: halves (Hugging Face) or interleaved pairs (GGUF, Meta).</summary>
/// <remarks>
/// Half-rotated row i pairs with i + d/2; interleaved row 2i with 2i + 1. Both turn the same pair by the same angle.
/// </remarks>
internal static class RotaryRows
{
    /// <summary>Whether a parameter of this Hugging Face name is reordered between the two.</summary>
    public static bool Concerns(string name) =>
        name.EndsWith(".self_attn.q_proj.weight", StringComparison.Ordinal) ||
        name.EndsWith(".self_attn.k_proj.weight", StringComparison.Ordinal);

    /// <summary>Where the half-rotated row lies in interleaved order.</summary>
    public static long ToInterleaved(long row, int headDim)
    {
        var (head, i) = Math.DivRem(row, headDim);
        return head * headDim + (i < headDim / 2 ? 2 * i : 2 * (i - headDim / 2) + 1);
    }

    /// <summary>Where the interleaved row lies in half-rotated order.</summary>
    public static long ToHalves(long row, int headDim)
    {
        var (head, i) = Math.DivRem(row, headDim);
        return head * headDim + i / 2 + i % 2 * (headDim / 2);
    }

    /// <summary>
    /// The divisor of each rotary frequency, as the tensor <c>rope_freqs.weight</c> holds it; head size / 2 of them.
    /// </summary>
    public static float[] Divisors(LlamaArchitecture model)
    {
        var plain = (model with { RopeScaling = null }).RotaryFrequencies();
        return [.. plain.Zip(model.RotaryFrequencies(), (from, to) => (float)(from / to))];
    }
}
