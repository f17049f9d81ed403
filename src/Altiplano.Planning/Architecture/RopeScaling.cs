namespace Altiplano.Planning.Architecture;

/// <summary>The "llama3" stretching of rotary frequencies, as Hugging Face's <c>rope_scaling</c> names its parts.</summary>
/// <param name="Factor">Division of frequencies whose wavelength exceeds original / low.</param>
/// <param name="LowFreqFactor">Wavelengths above original / low are divided by <paramref name="Factor"/>.</param>
/// <param name="HighFreqFactor">Wavelengths below original / high stay as they are.</param>
/// <param name="OriginalMaxPositionEmbeddings">Context length, in tokens, before the stretch.</param>
public sealed record RopeScaling(
    double Factor, double LowFreqFactor, double HighFreqFactor, int OriginalMaxPositionEmbeddings)
{
    /// <summary>The frequency to use in place of <paramref name="frequency"/>, in radians a token.</summary>
    /// <remarks>
    /// With low = high (Llama 4 Scout) there is no blended band and the branch that would divide by zero is never reached.
    /// Source: meta-llama/llama-models, apply_scaling.
    /// </remarks>
    public double Apply(double frequency)
    {
        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < OriginalMaxPositionEmbeddings / HighFreqFactor)
            return frequency;
        if (wavelength > OriginalMaxPositionEmbeddings / LowFreqFactor)
            return frequency / Factor;
        var smooth = (OriginalMaxPositionEmbeddings / wavelength - LowFreqFactor) / (HighFreqFactor - LowFreqFactor);
        return (1 - smooth) * frequency / Factor + smooth * frequency;
    }
}
