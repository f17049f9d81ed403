namespace Altiplano.Torch.Operators;

/// <summary>
/// Rotary position embedding: element i of a head turns with element i + H/2 (Hugging Face's Llama 3), or 2i with 2i + 1 (Llama 4).
/// </summary>
public static class RotaryOperators
{
    /// <summary>Turns the first heads of every row in place: queries and keys of a packed q‖k‖v buffer.</summary>
    /// <param name="heads">[R, W], W at least <paramref name="numHeads"/> · H.</param>
    /// <param name="numHeads">Heads to turn, counted from the start of the row; the rest of the row is left alone.</param>
    /// <param name="cos">[P, H/2] in the accumulator type.</param>
    /// <param name="sin">[P, H/2] in the accumulator type.</param>
    /// <param name="positions">[R] of i64: the table row of each row.</param>
    /// <param name="inverse">Turns back: the gradient of the rotation.</param>
    /// <param name="isInterleaved">Neighbours turn together.</param>
    public static void Rotate(
        this Engine engine, Tensor heads, int numHeads, Tensor cos, Tensor sin, Tensor positions, bool inverse, bool isInterleaved = false)
    {
        Expect.Rank(heads, 2);
        Expect.Contiguous(heads);
        var half = cos.Size(1);
        Expect.Dense(cos, heads.Type.Accumulator(), [cos.Size(0), half]);
        Expect.Dense(sin, heads.Type.Accumulator(), [cos.Size(0), half]);
        Expect.Dense(positions, ScalarType.Int64, [heads.Size(0)]);
        if (numHeads * 2 * half > heads.Size(1))
            Expect.Fail(nameof(Rotate), $"{numHeads} heads of {2 * half} do not fit into rows of {heads}");
        var turned = heads.Size(0) * numHeads * 2 * half;
        using var call = engine.Begin("rotate", 3.0 * turned, 2 * turned * heads.Type.Size());
        if (!call.IsShapeOnly)
            engine.KernelsFor(heads.Type).Rotate(heads, numHeads, cos, sin, positions, inverse, isInterleaved);
    }
}
