using System.Runtime.InteropServices;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

public sealed class ModelReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Open_RunFolder_IsItsLatestCheckpoint()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 1);
        var store = new CheckpointStore(_folder["run/checkpoints"]);
        store.Save(Content(weights, 10));
        var path = store.Save(Content(weights, 20));
        _folder.Write("run/tokenizer.json", "{}");

        using var run = ModelReader.Open(_folder["run"]);
        using var checkpoint = ModelReader.Open(path);

        (run.Path, run.Warning).ShouldBe((path, null));
        run.Architecture.ShouldBe(TinyModel.Architecture);
        run.Config.EosTokenIds.ShouldBe([2, 3]);
        run.TokenizerPath.ShouldBe(_folder["run/tokenizer.json"]);
        run.Weights.ShouldHoldTheSame(weights, TinyModel.Architecture);
        checkpoint.Weights.ShouldHoldTheSame(weights, TinyModel.Architecture);
    }

    [Fact]
    public void Open_RunFolderWithoutCheckpoints_SaysSo()
    {
        Directory.CreateDirectory(_folder["run/checkpoints"]);

        Should.Throw<CheckpointException>(() => ModelReader.Open(_folder["run"])).Message.ShouldBe(
            $"{_folder["run/checkpoints"]}: holds no checkpoint yet.");
    }

    [Fact]
    public void Open_Nothing_SaysWhatMayBeGiven()
    {
        Should.Throw<ConfigException>(() => ModelReader.Open(_folder["x"])).Message.ShouldBe(
            $"{_folder["x"]}: does not exist. Give a Hugging Face folder, a .gguf file, a checkpoint or a run folder.");
        Should.Throw<ConfigException>(() => ModelReader.Open(_folder.Root)).Message.ShouldBe(
            $"{_folder.Root}: has no config.json (a Hugging Face folder), no manifest.json (a checkpoint) and no checkpoints/ " +
            "(a run folder), so it is no model.");
    }

    [Fact]
    public void Open_TensorsOfAnotherModel_ListsAllDifferences()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 2);
        HuggingFaceExporter.Write(weights, TinyModel.Config(), _folder["hf"], new ExportOptions());
        var other = TinyModel.Config(TinyModel.Architecture with { NumLayers = 1, VocabSize = 95, IntermediateSize = 81 });
        File.WriteAllText(_folder["hf/config.json"], other.ToJson().ToString());

        var message = Should.Throw<CheckpointException>(() => ModelReader.Open(_folder["hf"])).Message;

        message.ShouldStartWith(
            $"{_folder["hf/model.safetensors"]}: the tensors are not those of the model that its config " +
            $"describes:{Environment.NewLine}" +
            $"  model.embed_tokens.weight is [96, 64], but the config says [95, 64]{Environment.NewLine}" +
            "  model.layers.0.mlp.gate_proj.weight is [80, 64], but the config says [81, 64]");
        message.ShouldContain("  model.layers.1.self_attn.q_proj.weight [64, 64] belongs to no part of a Llama");
        message.Split(Environment.NewLine).Length.ShouldBe(1 + 5 + 9);
    }

    [Fact]
    public void Open_UntiedWithoutHead_HintsAtTying()
    {
        var tied = TinyModel.Architecture with { TieWordEmbeddings = true };
        using var weights = MemoryWeights.Random(tied, seed: 3);
        HuggingFaceExporter.Write(weights, TinyModel.Config(tied), _folder["hf"], new ExportOptions());
        File.WriteAllText(_folder["hf/config.json"], TinyModel.Config().ToJson().ToString());

        Should.Throw<CheckpointException>(() => ModelReader.Open(_folder["hf"])).Message
            .ShouldEndWith("lm_head.weight [96, 64] is missing; is tie_word_embeddings meant to be true?");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_TiedWithAHead_IsFineOnlyWhenEqual(bool isEqual)
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 4);
        if (isEqual)
            weights[ParameterTable.EmbeddingName].CopyTo(weights[ParameterTable.HeadName], 0);
        else
            weights[ParameterTable.EmbeddingName].AsSpan(0, 6000).CopyTo(weights[ParameterTable.HeadName]);
        HuggingFaceExporter.Write(weights, TinyModel.Config(), _folder["hf"], new ExportOptions { Type = WeightType.F32 });
        var tied = TinyModel.Config(TinyModel.Architecture with { TieWordEmbeddings = true });
        File.WriteAllText(_folder["hf/config.json"], tied.ToJson().ToString());

        if (isEqual)
            ModelReader.Open(_folder["hf"]).Dispose();
        else
            Should.Throw<CheckpointException>(() => ModelReader.Open(_folder["hf"])).Message.ShouldContain(
                "tie_word_embeddings is true, but lm_head.weight differs from model.embed_tokens.weight at element 6,000: ");
    }

    /// <summary>
    /// The file has biases, scales and a random rope_freqs: a Llama by name that this program would compute wrongly.
    /// </summary>
    [Fact]
    public void Open_GgufWithRandomRopeFreqs_IsRefused()
    {
        var path = TestAssets.Require("checkpoints/llama-dense.gguf");

        Should.Throw<ConfigException>(() => ModelReader.Open(path)).Message.ShouldStartWith(
            $"{path}: rope_freqs.weight [64] is not llama3 scaling for a head size of 128: element 0 is ");
    }

    [Theory]
    [InlineData(64, 128, 8)] // some wavelengths beyond the original length
    [InlineData(8, 128, 32)]
    [InlineData(4, 64, 8)] // the slowest pair lies in the blended band
    public void Open_GgufOfAnotherWriter_FindsTheScaling(int headDim, int hidden, double factor)
    {
        var model = TinyModel.Architecture with
        {
            HiddenSize = hidden,
            HeadDim = headDim,
            RopeTheta = headDim == 4 ? 300_000 : 500_000,
            RopeScaling = new RopeScaling(factor, 1, 4, 8192),
        };
        using var weights = MemoryWeights.Random(model, seed: 5);
        GgufExporter.Write(weights, TinyModel.Config(model), _folder["m.gguf"], new ExportOptions());
        var bytes = File.ReadAllBytes(_folder["m.gguf"]);
        for (var at = bytes.AsSpan().IndexOf("altiplano."u8); at >= 0; at = bytes.AsSpan().IndexOf("altiplano."u8))
            "someother."u8.CopyTo(bytes.AsSpan(at));
        File.WriteAllBytes(_folder["m.gguf"], bytes);

        using var read = ModelReader.Open(_folder["m.gguf"]);

        read.Architecture.RopeScaling.ShouldBe(model.RopeScaling);
    }

    [Fact]
    public void Open_GgufOfAnotherArchitecture_NamesIt()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 6);
        GgufExporter.Write(weights, TinyModel.Config(), _folder["m.gguf"], new ExportOptions());
        var bytes = File.ReadAllBytes(_folder["m.gguf"]);
        "gemma"u8.CopyTo(bytes.AsSpan(bytes.AsSpan().IndexOf("llama"u8)));
        File.WriteAllBytes(_folder["m.gguf"], bytes);

        Should.Throw<ConfigException>(() => ModelReader.Open(_folder["m.gguf"])).Message
            .ShouldBe($"{_folder["m.gguf"]}: general.architecture is gemma; supported: llama.");
    }

    public void Dispose() => _folder.Dispose();

    private static CheckpointContent Content(MemoryWeights weights, long step) => new()
    {
        Step = step,
        TokensSeen = 0,
        Threads = 1,
        Architecture = TinyModel.Config().ToJson(),
        Config = "",
        Counters = new Dictionary<string, long>(),
        Weights = [.. weights.Weights.Select(TensorSlice.All)],
        OptimizerState = [],
        Fill = (name, first, destination) =>
            MemoryMarshal.AsBytes<double>(weights[name]).Slice((int)first, destination.Length).CopyTo(destination),
    };
}
