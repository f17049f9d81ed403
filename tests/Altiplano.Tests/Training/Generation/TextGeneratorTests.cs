using Altiplano.Planning;
using Altiplano.Tests.Training.Interchange;
using Altiplano.Tests.Training.Layers;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Generation;
using Altiplano.Training.Layers;

namespace Altiplano.Tests.Training.Generation;

public sealed class TextGeneratorTests : IDisposable
{
    private static readonly SamplingOptions Greedy = new() { Temperature = 0 };

    private readonly TempFolder _folder = new();
    private readonly InferenceModel _model;

    public TextGeneratorTests() =>
        _model = InferenceModel.Open(TinyLlama.NewEngine(), TinyFolder.WriteReference(_folder["model"]), ScalarType.Float64);

    /// <summary>Every way to cut a sequence into prompt and single tokens gives the logits of one pass over it.</summary>
    [Fact]
    public void Extend_PromptThenTokens_HasTheLogitsOfTheWholeForward()
    {
        var tokens = TinyLlama.Tokens.Select(t => (int)t).ToArray();
        using var whole_RV = _model.Logits(tokens);
        var expected = HostValues.Read(_model.Engine, whole_RV);
        var words = _model.Architecture.VocabSize;
        for (var prompt = 1; prompt < tokens.Length; prompt++)
        {
            var caches = _model.Model.Chunks[0].Layers.Select(_ => new LayerCache(_model.Engine, _model.Architecture, ScalarType.Float64, 16)).ToList();
            for (var done = 0; done < tokens.Length;)
            {
                var count = done == 0 ? prompt : 1;
                var actual = Extend(caches, tokens.AsSpan(done, count), done);
                done += count;
                actual.Zip(expected.Skip((done - 1) * words).Take(words), (a, b) => Math.Abs(a - b)).Max()
                    .ShouldBeLessThan(1e-12, $"prompt of {prompt}, {done} tokens");
            }

            caches.ForEach(cache => cache.Dispose());
        }
    }

    [Fact]
    public void Append_SeveralTokensLater_IsTheSameAsOneByOne()
    {
        using var atOnce = new TextGenerator(_model, 16);
        using var oneByOne = new TextGenerator(_model, 16);
        atOnce.Append([1, 5]);
        atOnce.Append([9, 2, 7]);
        foreach (var token in new[] { 1, 5, 9, 2, 7 })
            oneByOne.Append([token]);

        atOnce.Count.ShouldBe(5);
        atOnce.Logits.ToArray().Zip(oneByOne.Logits.ToArray(), (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-6f);
    }

    [Fact]
    public void Continue_Greedy_RepeatsAndTakesTheLikeliest()
    {
        var first = Generate(Greedy, 12);

        Generate(Greedy, 12).ShouldBe(first);
        Generate(new SamplingOptions { TopK = 1 }, 12).ShouldBe(first);
        using var logits_RV = _model.Logits([1, 5, .. first[..3]]);
        var last = HostValues.Read(_model.Engine, logits_RV)[^_model.Architecture.VocabSize..];
        first[3].ShouldBe(Array.IndexOf(last, last.Max()));
    }

    [Fact]
    public void Continue_StopToken_EndsBeforeIt()
    {
        var all = Generate(Greedy, 12);
        var stop = all[4];

        Generate(Greedy, 12, stop).ShouldBe(all.TakeWhile(token => token != stop));
    }

    [Fact]
    public void Continue_CacheFull_Ends()
    {
        using var generator = new TextGenerator(_model, 6);
        generator.Append([1, 5]);

        generator.Continue(new TokenSampler(Greedy), 100, []).Count().ShouldBe(4);
        generator.Count.ShouldBe(6);
    }

    [Fact]
    public void Append_LongerThanTheContext_GivesBothNumbers()
    {
        var length = _model.Architecture.MaxPositionEmbeddings + 1;
        using var generator = new TextGenerator(_model, 8);

        Should.Throw<ConfigException>(() => generator.Append([.. Enumerable.Repeat(1, length)])).Message
            .ShouldBe($"{length:N0} tokens are wanted, but the model's max_position_embeddings is {length - 1:N0}. Use that many or fewer.");
    }

    [Fact]
    public void Append_IdOutsideTheVocabulary_NamesIt()
    {
        using var generator = new TextGenerator(_model, 8);
        Should.Throw<ConfigException>(() => generator.Append([1, 32])).Message
            .ShouldBe("Token 1 is 32, but the model's vocabulary has 32 ids, 0 to 31.");
        Should.Throw<ConfigException>(() => generator.Append([])).Message.ShouldBe("There are no tokens to read. Give at least one.");
    }

    [Fact]
    public void Logits_ModelOfAMillionPositions_TakesMemoryForThoseThatAreAsked()
    {
        var model = TinyModel.Architecture with { MaxPositionEmbeddings = 1_000_000 };
        var engine = TinyLlama.NewEngine();
        using var opened = InferenceModel.Open(engine, TinyFolder.WriteRandom(_folder["long"], model), ScalarType.Float32);

        engine.PeakBytes.ShouldBeLessThan(model.NumParameters * 8);
        using var long_RV = opened.Logits([.. Enumerable.Range(0, 700).Select(i => i % 96)]);
        using var short_RV = opened.Logits([.. Enumerable.Range(0, 200).Select(i => i % 96)]);
        HostValues.Read(engine, long_RV).Take(200 * 96).Zip(HostValues.Read(engine, short_RV), (a, b) => Math.Abs(a - b)).Max()
            .ShouldBeLessThan(1e-4);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    private List<int> Generate(SamplingOptions options, int count, params int[] stops)
    {
        using var generator = new TextGenerator(_model, 32);
        generator.Append([1, 5]);
        return [.. generator.Continue(new TokenSampler(options), count, stops)];
    }

    private double[] Extend(List<LayerCache> caches, ReadOnlySpan<int> tokens, int start)
    {
        var ids = tokens.ToArray().Select(t => (long)t).ToArray();
        long[] positions = [.. Enumerable.Range(start, ids.Length).Select(p => (long)p)];
        using var tokens_R = _model.Engine.Upload<long>(ScalarType.Int64, ids, ids.Length);
        using var positions_R = _model.Engine.Upload<long>(ScalarType.Int64, positions, ids.Length);
        using var logits_1V = _model.Model.Extend(tokens_R, positions_R, caches);
        return HostValues.Read(_model.Engine, logits_1V);
    }
}
