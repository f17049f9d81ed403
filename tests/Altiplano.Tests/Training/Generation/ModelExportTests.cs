using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Tests.Data.Tokenizers;
using Altiplano.Tests.Training.Interchange;
using Altiplano.Tests.Training.Layers;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Generation;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Generation;

public sealed class ModelExportTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("hf", WeightType.F32)]
    [InlineData("hf", WeightType.BF16)]
    [InlineData("m.gguf", WeightType.F32)]
    [InlineData("m.gguf", WeightType.F16)]
    [InlineData("m.gguf", WeightType.BF16)]
    [InlineData("m.gguf", WeightType.Q8_0)]
    public void Write_SoundModel_IsReadBackAsTheSame(string target, WeightType type)
    {
        using var source = Opened(MemoryWeights.Random(TinyModel.Architecture, seed: 2));

        new ModelExport(type, "tiny").Write(TinyLlama.NewEngine(), source, _folder[target]);

        using var written = ModelReader.Open(_folder[target]);
        written.Architecture.ShouldBe(TinyModel.Architecture);
        written.GgufTokenizer.ShouldBeNull();
        written.TokenizerPath.ShouldBeNull();
    }

    /// <summary>Weights that are others when they are read again stand for whatever an exporter may get wrong.</summary>
    [Theory]
    [InlineData("hf", WeightType.F32)]
    [InlineData("hf", WeightType.F16)]
    [InlineData("m.gguf", WeightType.F32)]
    [InlineData("m.gguf", WeightType.Q8_0)]
    public void Write_LogitsThatDoNotRoundTrip_IsRefusedAndLeavesNothing(string target, WeightType type)
    {
        using var source = Opened(new DriftingWeights(MemoryWeights.Random(TinyModel.Architecture, seed: 2)));

        var message = Should.Throw<CheckpointException>(() => new ModelExport(type, "tiny").Write(TinyLlama.NewEngine(), source, _folder[target])).Message;

        message.ShouldContain(_folder[target]);
        message.ShouldMatch(@"logit \d+ of position \d+ is \S+, the model's is \S+; a difference of \S+ was allowed\.");
        Directory.GetFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    /// <summary>Rows of q and k in Hugging Face's order, and attention so weak that its error stays below any rounding.</summary>
    [Theory]
    [InlineData(WeightType.F32)]
    [InlineData(WeightType.F16)]
    [InlineData(WeightType.BF16)]
    [InlineData(WeightType.Q8_0)]
    public void FindProblem_GgufWithoutItsOrderOfRows_IsRefused(WeightType type)
    {
        var (weights, unordered) = (MemoryWeights.Random(TinyModel.Architecture, 2), MemoryWeights.Random(TinyModel.Architecture, 2));
        foreach (var weight in weights.Weights.Where(w => w.Name.Contains("q_proj") || w.Name.Contains("k_proj")))
        {
            foreach (ref var element in weights[weight.Name].AsSpan())
                element *= 0.25;
            OrderAsHalves(weights[weight.Name], unordered[weight.Name], TinyModel.Architecture.HeadDim, (int)weight.Shape[1]);
        }

        var roundTrip = new LogitsRoundTrip(TinyLlama.NewEngine(), Opened(weights), p => GgufExporter.StoredType(p, type), price: 0.1);
        var options = new ExportOptions { Type = type, Verify = roundTrip.FindProblem };

        GgufExporter.Write(weights, TinyModel.Config(), _folder["right.gguf"], options);
        Should.Throw<CheckpointException>(() => GgufExporter.Write(unordered, TinyModel.Config(), _folder["wrong.gguf"], options))
            .Message.ShouldContain("was allowed.");
    }

    [Fact]
    public void Write_RefusedOverAnOldExport_KeepsTheOld()
    {
        using (var sound = Opened(MemoryWeights.Random(TinyModel.Architecture, seed: 2)))
            new ModelExport(WeightType.F32, "tiny").Write(TinyLlama.NewEngine(), sound, _folder["m.gguf"]);
        var before = File.ReadAllBytes(_folder["m.gguf"]);
        using var source = Opened(new DriftingWeights(MemoryWeights.Random(TinyModel.Architecture, seed: 2)));

        Should.Throw<CheckpointException>(() => new ModelExport(WeightType.F32, "tiny", Overwrite: true).Write(TinyLlama.NewEngine(), source, _folder["m.gguf"]));

        File.ReadAllBytes(_folder["m.gguf"]).ShouldBe(before);
        Directory.GetFileSystemEntries(_folder.Root).ShouldBe([_folder["m.gguf"]]);
    }

    [Theory]
    [InlineData("hf")]
    [InlineData("m.gguf")]
    public void Write_TokenizerFromMeta_NeedsItsLicenceAndThenCarriesIt(string target)
    {
        var license = TestAssets.Require("tokenizers/LICENSE.llama3");
        var architecture = TinyModel.Architecture with { VocabSize = SharedTokenizers.Llama3.VocabSize, HiddenSize = 32, HeadDim = 8 };
        Altiplano.Data.Tokenizers.HuggingFaceTokenizerJson.Write(SharedTokenizers.Llama3, _folder["tokenizer.json"]);
        using var source = Opened(MemoryWeights.Random(architecture, seed: 2), architecture, _folder["tokenizer.json"]);
        var export = new ModelExport(WeightType.BF16, "tiny");

        Should.Throw<ConfigException>(() => export.Write(TinyLlama.NewEngine(), source, _folder["to/" + target])).Message
            .ShouldContain("Give the licence that came with it (--tokenizer-license PATH)");
        File.Exists(_folder["to/" + target]).ShouldBeFalse();
        Directory.Exists(_folder["to/" + target]).ShouldBeFalse();

        Directory.CreateDirectory(_folder["to"]);
        (export with { TokenizerLicense = license }).Write(TinyLlama.NewEngine(), source, _folder["to/" + target]);

        var folder = target == "hf" ? _folder["to/hf"] : _folder["to"];
        File.ReadAllBytes(Path.Combine(folder, "LICENSE")).ShouldBe(File.ReadAllBytes(license));
        File.ReadAllText(Path.Combine(folder, "NOTICE")).ShouldContain("Meta Llama 3 is licensed under the Meta Llama 3 Community License");
    }

    [Fact]
    public void Write_ModelWithoutTokenizer_SaysNoVocab()
    {
        using var source = Opened(MemoryWeights.Random(TinyModel.Architecture, seed: 2));
        new ModelExport(WeightType.F32, "tiny").Write(TinyLlama.NewEngine(), source, _folder["m.gguf"]);

        System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(_folder["m.gguf"])).ShouldContain("no_vocab");
    }

    public void Dispose() => _folder.Dispose();

    private static OpenedModel Opened(IWeightSource weights, LlamaArchitecture? architecture = null, string? tokenizer = null) => new()
    {
        Path = "memory", Config = TinyModel.Config(architecture), Weights = weights, TokenizerPath = tokenizer,
    };

    /// <summary>Places rows so that the exporter, which interleaves them, writes them as they were.</summary>
    private static void OrderAsHalves(double[] rows, double[] ordered, int headDim, int columns)
    {
        for (var row = 0; row < rows.Length / columns; row++)
        {
            var (head, i) = Math.DivRem(row, headDim);
            var half = head * headDim + i / 2 + i % 2 * (headDim / 2);
            rows.AsSpan(row * columns, columns).CopyTo(ordered.AsSpan(half * columns, columns));
        }
    }

    /// <summary>Gives every tensor as it is twice, which is what the comparison reads, and changed from then on.</summary>
    private sealed class DriftingWeights(IWeightSource source) : IWeightSource
    {
        private readonly Dictionary<string, int> _complete = [];

        public string Origin => source.Origin;

        public IReadOnlyList<WeightInfo> Weights => source.Weights;

        public void Read(string name, long firstElement, Span<float> destination)
        {
            source.Read(name, firstElement, destination);
            if (HasDrifted(name, firstElement + destination.Length))
                destination.Reverse();
        }

        public void Read(string name, long firstElement, Span<double> destination)
        {
            source.Read(name, firstElement, destination);
            if (HasDrifted(name, firstElement + destination.Length))
                destination.Reverse();
        }

        public void Dispose() => source.Dispose();

        private bool HasDrifted(string name, long end)
        {
            var times = _complete.GetValueOrDefault(name);
            if (end == Weights.Single(w => w.Name == name).NumElements)
                _complete[name] = times + 1;
            return times >= 2;
        }
    }
}
