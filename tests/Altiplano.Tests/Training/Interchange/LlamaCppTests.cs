using Altiplano.Data.Tokenizers;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

/// <summary>What another program makes of our GGUF files.</summary>
public sealed class LlamaCppTests : IDisposable
{
    private static readonly int[] Prompt = [1, 403, 407, 261, 378];

    /// <summary>
    /// Logits of words 0 to 5 after <see cref="Prompt"/>, from three programs that read the Hugging Face folder.
    /// </summary>
    private static readonly float[] Reference = [-10.13658f, -5.32946f, -10.13809f, -10.13686f, -10.13721f, -10.13833f];

    private readonly TempFolder _folder = new();

    [Fact]
    public void Stories_F32_HasTheLogitsOfItsHuggingFaceFolder()
    {
        var logits = LlamaCpp.Continue(ExportStories(WeightType.F32), Prompt, count: 1).Logits;

        logits.Length.ShouldBe(512);
        logits.Zip(Reference, (actual, expected) => MathF.Abs(actual - expected)).Max().ShouldBeLessThan(2e-5f);
    }

    [Theory]
    [InlineData(WeightType.F16, 0.02f)]
    [InlineData(WeightType.BF16, 0.1f)]
    [InlineData(WeightType.Q8_0, 0.4f)]
    public void Stories_SmallerType_ContinuesAsF32Does(WeightType type, float largestDifference)
    {
        var exact = LlamaCpp.Continue(ExportStories(WeightType.F32), Prompt, count: 24);
        var rounded = LlamaCpp.Continue(ExportStories(type), Prompt, count: 24);

        rounded.Tokens.ShouldBe(exact.Tokens);
        rounded.Logits.Zip(exact.Logits, (a, b) => MathF.Abs(a - b)).Max().ShouldBeLessThan(largestDifference);
    }

    /// <summary>
    /// The scaling's divisors, an untied head, a head size of its own, a vocabulary and end tokens are what the stories lack.
    /// </summary>
    [Fact]
    public void Tiny_WithScalingAndTokenizer_Loads()
    {
        var model = TinyModel.Architecture with { HeadDim = 32, RopeScaling = TinyModel.Scaling };
        using var weights = MemoryWeights.Random(model, seed: 11);
        var path = _folder["tiny.gguf"];
        var options = new ExportOptions { Type = WeightType.F32, GgufTokenizer = Words(model) };
        GgufExporter.Write(weights, TinyModel.Config(model), path, options);

        var output = LlamaCpp.Continue(path, [1, 5, 9], count: 4);

        output.Logits.Length.ShouldBe(model.VocabSize);
        output.Tokens.ShouldAllBe(token => token >= 0 && token < model.VocabSize);
    }

    public void Dispose() => _folder.Dispose();

    private static GgufTokenizer Words(LlamaArchitecture model) => new()
    {
        Pre = "llama-bpe", Tokens = [.. Enumerable.Range(0, model.VocabSize).Select(i => $"{(char)('!' + i)}")],
        TokenTypes = [.. Enumerable.Range(0, model.VocabSize).Select(i => i is > 0 and < 4 ? 3 : 1)], Merges = ["a b"],
        BosId = 1, EosId = 2, EotId = 3, AddBos = true,
    };

    private string ExportStories(WeightType type)
    {
        using var model = ModelReader.Open(TestAssets.Require("checkpoints/stories260k-hf"));
        var path = _folder[$"{type}.gguf"];
        GgufExporter.Write(model.Weights, model.Config, path, new ExportOptions { Type = type });
        return path;
    }
}
