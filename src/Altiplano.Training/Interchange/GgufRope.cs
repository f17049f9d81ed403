using Altiplano.Planning;
using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary>
/// The "llama3" scaling in a GGUF file: a tensor of divisors, and, in files of ours, the numbers that it came from.
/// </summary>
/// <remarks>
/// Other writers store only the divisors. Then low 1, high 4 and original length 8192 are assumed, as llama.cpp's converter has
/// them for every Llama, the factor is solved for, and the result must give the divisors back.
/// </remarks>
internal static class GgufRope
{
    private const string Prefix = "altiplano.rope_scaling.";
    private const double Tolerance = 1e-4;

    /// <exception cref="ConfigException">The divisors are not those of llama3 scaling.</exception>
    public static RopeScaling? Read(GgufFile file, LlamaArchitecture model)
    {
        if (file.Tensors.Weights.FirstOrDefault(w => w.Name == GgufNames.RopeFreqs) is not { } info)
            return null;
        var divisors = new float[info.NumElements];
        file.Tensors.Read(info.Name, divisors);
        var scaling = ReadKeys(file.Metadata) ?? Solve(divisors, model);
        var expected = RotaryRows.Divisors(model with { RopeScaling = scaling });
        for (var i = 0; i < Math.Max(expected.Length, divisors.Length); i++)
        {
            if (expected.Length != divisors.Length || !(Math.Abs(divisors[i] / expected[i] - 1) <= Tolerance))
            {
                throw new ConfigException(
                    $"{file.Path}: {info.Name} {info.ShapeText} is not llama3 scaling for a head size of {model.HeadDim}" +
                    (expected.Length == divisors.Length ? $": element {i} is {divisors[i]}, {expected[i]} was expected." : ".") +
                    " Other scalings are not supported.");
            }
        }

        return scaling;
    }

    public static void Write(GgufMetadata metadata, RopeScaling? scaling)
    {
        if (scaling is null)
            return;
        metadata.Add($"{Prefix}factor", scaling.Factor);
        metadata.Add($"{Prefix}low_freq_factor", scaling.LowFreqFactor);
        metadata.Add($"{Prefix}high_freq_factor", scaling.HighFreqFactor);
        metadata.Add($"{Prefix}original_max_position_embeddings", (uint)scaling.OriginalMaxPositionEmbeddings);
    }

    private static RopeScaling? ReadKeys(GgufMetadata metadata) =>
        metadata.Number($"{Prefix}factor") is { } factor && metadata.Number($"{Prefix}low_freq_factor") is { } low &&
        metadata.Number($"{Prefix}high_freq_factor") is { } high &&
        metadata.Integer($"{Prefix}original_max_position_embeddings") is { } original
            ? new RopeScaling(factor, low, high, original)
            : null;

    /// <summary>The scaling of the last, slowest frequency, where the divisor is the factor or a blend that gives it.</summary>
    private static RopeScaling? Solve(float[] divisors, LlamaArchitecture model)
    {
        if (divisors.Length == 0 || divisors.All(d => d == 1))
            return null;
        var scaling = new RopeScaling(1, 1, 4, 8192);
        var slowest = (model with { RopeScaling = null }).RotaryFrequencies()[^1];
        var wavelength = 2 * Math.PI / slowest;
        var band = scaling.HighFreqFactor - scaling.LowFreqFactor;
        var smooth = Math.Clamp((scaling.OriginalMaxPositionEmbeddings / wavelength - scaling.LowFreqFactor) / band, 0, 1);
        var factor = (1 - smooth) / (1.0 / divisors[^1] - smooth);
        var whole = Math.Round(factor);
        return scaling with { Factor = Math.Abs(factor / whole - 1) < Tolerance ? whole : factor };
    }
}
