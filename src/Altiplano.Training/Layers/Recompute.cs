namespace Altiplano.Training.Layers;

/// <summary>What the backward pass computes again instead of keeping.</summary>
public enum Recompute
{
    None,

    /// <summary>The cheap elementwise parts: normalised inputs and the SwiGLU activation.</summary>
    Selective,

    /// <summary>Whole layers: only their inputs are kept.</summary>
    Full,
}
