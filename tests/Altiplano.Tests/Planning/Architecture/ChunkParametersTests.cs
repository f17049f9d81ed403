using Altiplano.Planning.Architecture;
using Altiplano.Planning.Mesh;
using CsCheck;

namespace Altiplano.Tests.Planning.Architecture;

public sealed class ChunkParametersTests
{
    private static readonly TransformerShape[] Shapes =
        [PlanningSamples.Llama405B, PlanningSamples.Maverick, PlanningSamples.DeepSeekV3, PlanningSamples.Gpt(256, 30, 4)];

    [Fact]
    public void Of_EveryChunk_AddUpToTheModel() =>
        Gen.Select(Gen.Int[0, Shapes.Length - 1], Gen.Int[1, 32]).Sample(
            (shape, chunks) =>
            {
                var model = Shapes[shape];
                var parameters = new ShapeParameters(model);
                var total = Enumerable.Range(0, chunks).Sum(chunk => ChunkParameters.Of(model, parameters, chunks, chunk).Total);
                var replica = model.TieWordEmbeddings && chunks > 1 ? parameters.Embedding : 0;

                total.ShouldBe(parameters.Total + replica);
            },
            seed: "000000000001");

    [Fact]
    public void MixtureLayers_AnyRange_AreThoseThatTheShapeNames() =>
        Gen.Select(Gen.Int[0, Shapes.Length - 1], Gen.Int[0, 20], Gen.Int[0, 20]).Sample(
            (shape, first, count) =>
            {
                var model = Shapes[shape];
                new ShapeParameters(model).MixtureLayers(first, count).ShouldBe(Enumerable.Range(first, count).Count(model.IsMixtureLayer));
            },
            seed: "000000000002");

    [Fact]
    public void FirstLayer_AnySplit_IsTheSumOfTheChunksBefore() =>
        Gen.Select(Gen.Int[1, 130], Gen.Int[1, 132]).Sample(
            (layers, chunks) =>
            {
                var before = 0;
                for (var chunk = 0; chunk < Math.Min(chunks, layers + 2); chunk++)
                {
                    StageSplit.FirstLayer(layers, chunks, chunk).ShouldBe(before);
                    before += StageSplit.Layers(layers, chunks, chunk);
                }
            },
            seed: "000000000003");
}
