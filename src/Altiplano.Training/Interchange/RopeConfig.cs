using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary>
/// The rotary embedding's keys: <c>rope_parameters</c> of transformers 5, or <c>rope_theta</c> and <c>rope_scaling</c>.
/// </summary>
internal static class RopeConfig
{
    /// <summary>transformers' default for a Llama whose config gives no theta.</summary>
    private const double DefaultTheta = 10_000;

    /// <param name="defaultTheta">Of the family, where a config gives none.</param>
    public static (double Theta, RopeScaling? Scaling) Read(ConfigReader reader, double defaultTheta = DefaultTheta)
    {
        var nested = reader.Nested("rope_parameters") ?? reader.Nested("rope_scaling");
        var theta = nested?.Number("rope_theta") ?? reader.Number("rope_theta") ?? defaultTheta;
        var scaling = nested is null ? null : ReadScaling(nested);
        reader.Problems.AddRange(nested?.Problems ?? []);
        return (theta, scaling);
    }

    private static RopeScaling? ReadScaling(ConfigReader rope)
    {
        var key = rope.Find("rope_type") is null ? "type" : "rope_type";
        if (rope.Number("partial_rotary_factor") is { } part && part != 1)
            rope.Refuse("partial_rotary_factor", "1, all of a head is rotated");
        switch (rope.Text(key))
        {
            case "default":
            case null when rope.Find("rope_theta") is not null:
                return null;
            case "llama3":
                return ReadLlama3(rope);
            default:
                rope.Refuse(key, "llama3, default");
                return null;
        }
    }

    private static RopeScaling? ReadLlama3(ConfigReader rope)
    {
        var scaling = new RopeScaling(
            rope.RequiredNumber("factor"), rope.RequiredNumber("low_freq_factor"), rope.RequiredNumber("high_freq_factor"),
            rope.RequiredInteger("original_max_position_embeddings"));
        if (rope.Problems.Count > 0)
            return null;
        var isPossible = scaling.Factor >= 1 && scaling.LowFreqFactor > 0 && scaling.HighFreqFactor >= scaling.LowFreqFactor &&
            scaling.OriginalMaxPositionEmbeddings > 0;
        if (!isPossible)
        {
            rope.Refuse(
                "factor",
                $"1 or more, with 0 < low_freq_factor ({scaling.LowFreqFactor}) <= high_freq_factor ({scaling.HighFreqFactor}) " +
                $"and original_max_position_embeddings ({scaling.OriginalMaxPositionEmbeddings}) above 0");
        }

        return isPossible ? scaling : null;
    }
}
