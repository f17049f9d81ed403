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

    /// <summary>Gives every tensor as it is once, and changed from then on.</summary>
    private sealed class DriftingWeights(IWeightSource source) : IWeightSource
    {
        private readonly HashSet<string> _complete = [];

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
            if (_complete.Contains(name))
                return true;
            if (end == Weights.Single(w => w.Name == name).NumElements)
                _complete.Add(name);
            return false;
        }
    }
}
