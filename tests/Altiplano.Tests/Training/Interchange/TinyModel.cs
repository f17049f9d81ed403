using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

/// <summary>A Llama of a few thousand parameters with grouped heads.</summary>
internal static class TinyModel
{
    public static readonly LlamaArchitecture Architecture = new()
    {
        VocabSize = 96, HiddenSize = 64, IntermediateSize = 80, NumLayers = 2, NumAttentionHeads = 4, NumKeyValueHeads = 2,
        MaxPositionEmbeddings = 128,
    };

    public static readonly RopeScaling Scaling = new(8, 1, 4, 8192);

    public static HuggingFaceConfig Config(LlamaArchitecture? architecture = null) => new()
    {
        Architecture = architecture ?? Architecture, BosTokenId = 1, EosTokenIds = [2, 3],
    };

    /// <summary>Reads a whole tensor as fp32.</summary>
    public static float[] Read(this IWeightSource source, string name)
    {
        var values = new float[source.Weights.Single(w => w.Name == name).NumElements];
        source.Read(name, values);
        return values;
    }

    /// <summary>Asserts that every parameter has the same bits as fp32 in both.</summary>
    public static void ShouldHoldTheSame(this IWeightSource actual, IWeightSource expected, LlamaArchitecture model)
    {
        foreach (var parameter in ParameterTable.Of(model))
            actual.Read(parameter.Name).ShouldBe(expected.Read(parameter.Name), parameter.Name);
    }
}
