using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary><c>model_type: mixtral</c>: a Llama whose every feed-forward part is a mixture of experts.</summary>
internal static class MixtralConfig
{
    public static TransformerShape Read(ConfigReader reader, string name)
    {
        var shape = ShapeConfig.ReadCommon(reader, name);
        var window = reader.Integer("sliding_window");
        shape = shape with
        {
            Mixture = new MixtureShape(
                reader.RequiredInteger("num_local_experts"), reader.RequiredInteger("num_experts_per_tok"), shape.IntermediateSize),
            Window = window is { } tokens ? new AttentionWindow(tokens, FullEvery: 0, IsChunked: false) : null,
        };
        ShapeConfig.RefuseOthers(reader);
        return shape;
    }
}
