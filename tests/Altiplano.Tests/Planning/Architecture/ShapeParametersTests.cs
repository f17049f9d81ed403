using Altiplano.Cli.Configuration;
using Altiplano.Planning.Architecture;

namespace Altiplano.Tests.Planning.Architecture;

public sealed class ShapeParametersTests
{
    [Theory]
    [InlineData("llama3-8b")]
    [InlineData("llama3-70b")]
    [InlineData("llama3.1-8b")]
    [InlineData("llama3.1-70b")]
    [InlineData("llama3.1-405b")]
    [InlineData("llama3.2-1b")]
    [InlineData("llama3.2-3b")]
    [InlineData("tiny-15m")]
    [InlineData("small-50m")]
    public void Total_DenseLlamaPreset_IsItsParameterTable(string preset)
    {
        var llama = new ModelCatalog(PresetFolder.Shipped()).ReadPreset(preset).Llama;

        new ShapeParameters(TransformerShape.Of(preset, llama)).Total.ShouldBe(llama.NumParameters);
    }

    [Fact]
    public void Total_PublishedRuns_IsTheirParameterCount()
    {
        var published = PublishedRuns.ReadParameterCounts();
        var different = new List<string>();
        foreach (var run in PublishedRuns.Read().Where(run => published.ContainsKey(run.Run.Id)))
        {
            var model = run.Workload.Model;
            var counted = new ShapeParameters(model);

            // Only the source whose models have learned positions counts these, norms and biases.
            var ours = model.LearnedPositions > 0 ? counted.Total : counted.Matrices;
            if (ours != published[run.Run.Id])
                different.Add($"{model.Name}: {ours}, published {published[run.Run.Id]}");
        }

        // DeepSeek-V3's 671B is rounded.
        different.Distinct().ShouldBe(["DeepSeek-V3-671B: 671025397760, published 671000000000"]);
    }

    [Fact]
    public void Total_DeepSeekV3_IsItsReleasedWeights()
    {
        var counted = new ShapeParameters(PlanningSamples.DeepSeekV3);

        // The checkpoint adds 58 x 256 routing biases, which are no weights: 671,026,419,200 in all.
        (counted.Total + 58 * 256).ShouldBe(671_026_419_200);
        (counted.Active / 1e9).ShouldBe(37.55, 0.01);
    }

    [Fact]
    public void Active_Maverick_IsSeventeenBillion()
    {
        var counted = new ShapeParameters(PlanningSamples.Maverick);

        (counted.Total / 1e9).ShouldBe(400.7, 0.1);
        (counted.Active / 1e9).ShouldBe(17.2, 0.1);
    }

    [Fact]
    public void Total_Gpt_CountsBiasesOfMatricesAndNorms()
    {
        var counted = new ShapeParameters(PlanningSamples.Gpt(8, 1, 2, vocabSize: 10));

        // Attention 8x24+24 and 8x8+8, feed-forward 8x32+32 and 32x8+8, three norms of 16, embedding 80, positions 2048x8.
        counted.Total.ShouldBe(216 + 72 + 288 + 264 + 3 * 16 + 80 + 2048 * 8);
        counted.Matrices.ShouldBe(192 + 64 + 256 + 256 + 80);
    }

    [Fact]
    public void Vision_Tower_IsPartOfTheTotal()
    {
        var tower = new VisionTower(34, 1408, 5632, 16, 576, 144, 0.1);
        var without = new ShapeParameters(PlanningSamples.Maverick);
        var with = new ShapeParameters(PlanningSamples.Maverick with { Vision = tower });

        (with.Total - without.Total).ShouldBe(with.Vision);
        (with.VisionEncoder / 1e6).ShouldBe(811, 2);
        with.VisionAdapter.ShouldBe(4L * 1408 * 5120);
    }
}
