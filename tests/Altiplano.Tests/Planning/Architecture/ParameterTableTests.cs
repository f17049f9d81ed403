using Altiplano.Planning.Architecture;

namespace Altiplano.Tests.Planning.Architecture;

public sealed class ParameterTableTests
{
    [Theory]
    [InlineData(2048, 16, 32, 8, 8192, true, 1_235_814_400)] // Llama 3.2 1B
    [InlineData(3072, 28, 24, 8, 8192, true, 3_212_749_824)] // Llama 3.2 3B
    [InlineData(4096, 32, 32, 8, 14336, false, 8_030_261_248)] // Llama 3.1 8B
    [InlineData(8192, 80, 64, 8, 28672, false, 70_553_706_496)] // Llama 3.1 70B
    [InlineData(16384, 126, 128, 8, 53248, false, 405_853_388_800)] // Llama 3.1 405B
    public void NumParameters_PublishedModel_IsItsPublishedCount(
        int hidden, int layers, int heads, int kvHeads, int ffn, bool tied, long expected)
    {
        var model = new LlamaArchitecture
        {
            VocabSize = 128_256, HiddenSize = hidden, NumLayers = layers, NumAttentionHeads = heads,
            NumKeyValueHeads = kvHeads, IntermediateSize = ffn, TieWordEmbeddings = tied,
        };

        model.NumParameters.ShouldBe(expected);
    }
}
