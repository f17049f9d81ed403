using System.Text.Json;
using Altiplano.Data.Tokenizers;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

public sealed class HuggingFaceExporterTests : IDisposable
{
    private const string License =
        "LLAMA X COMMUNITY LICENSE\nkeep the notice: “Llama X is licensed under the Llama X Community License, Copyright © " +
        "Meta Platforms, Inc. All Rights Reserved.”\n";

    private readonly TempFolder _folder = new();

    [Fact]
    public void Write_Stories_IsTheSameFolderAgain()
    {
        using var source = ModelReader.Open(TestAssets.Require("checkpoints/stories260k-hf"));
        var target = _folder["hf"];

        HuggingFaceExporter.Write(source.Weights, source.Config, target, new ExportOptions { Type = WeightType.F32 });

        using var written = ModelReader.Open(target);
        written.Architecture.ShouldBe(source.Architecture);
        written.Weights.ShouldHoldTheSame(source.Weights, source.Architecture);
        Directory.GetFiles(target).Select(Path.GetFileName).ShouldBe(
            ["config.json", "generation_config.json", "model.safetensors"], ignoreOrder: true);
    }

    [Fact]
    public void Write_StoriesThroughGgufAndBack_IsEqualToTheBit()
    {
        using var source = ModelReader.Open(TestAssets.Require("checkpoints/stories260k-hf"));
        var options = new ExportOptions { Type = WeightType.F32 };

        GgufExporter.Write(source.Weights, source.Config, _folder["m.gguf"], options);
        using var gguf = ModelReader.Open(_folder["m.gguf"]);
        HuggingFaceExporter.Write(gguf.Weights, gguf.Config, _folder["hf"], options);

        using var back = ModelReader.Open(_folder["hf"]);
        back.Architecture.ShouldBe(source.Architecture);
        back.Weights.ShouldHoldTheSame(source.Weights, source.Architecture);
    }

    [Theory]
    [InlineData("hf")]
    [InlineData("m.gguf")]
    public void Write_Llama4_IsRefused(string target)
    {
        var model = Layers.TinyLlama4.Architecture;
        using var weights = MemoryWeights.Random(model, seed: 1);
        var path = _folder[target];

        Should.Throw<ConfigException>(() => target == "hf"
            ? HuggingFaceExporter.Write(weights, TinyModel.Config(model), path, new ExportOptions { Type = WeightType.F32 })
            : GgufExporter.Write(weights, TinyModel.Config(model), path, new ExportOptions { Type = WeightType.F32 })).Problems.ShouldBe(
            [$"{path}: the model is a Llama 4, and exports are of dense Llamas. Its checkpoint has the weights under Hugging Face's names."]);
        Path.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void Write_SmallShards_HaveAnIndexThatAddsUp()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 1);
        var target = _folder["hf"];

        var bytes = HuggingFaceExporter.Write(
            weights, TinyModel.Config(), target, new ExportOptions { Type = WeightType.BF16, MaxShardBytes = 50_000 });

        bytes.ShouldBe(TinyModel.Architecture.NumParameters * 2);
        using var index = JsonDocument.Parse(File.ReadAllText(Path.Combine(target, "model.safetensors.index.json")));
        index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64().ShouldBe(bytes);
        var map = index.RootElement.GetProperty("weight_map").EnumerateObject();
        var files = map.Select(e => e.Value.GetString()).Distinct().ToList();
        files.ShouldBe([.. Enumerable.Range(1, 3).Select(i => $"model-0000{i}-of-00003.safetensors")]);
        files.ShouldAllBe(f => new FileInfo(Path.Combine(target, f!)).Length < 52_000);
        using var read = ModelReader.Open(target);
        read.Weights.Weights.Count.ShouldBe(ParameterTable.Of(TinyModel.Architecture).Count);
    }

    [Fact]
    public void Write_BFloat16Twice_IsEqualToTheBit()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 2);
        var options = new ExportOptions { Type = WeightType.BF16 };
        HuggingFaceExporter.Write(weights, TinyModel.Config(), _folder["a"], options);
        using var first = ModelReader.Open(_folder["a"]);
        HuggingFaceExporter.Write(first.Weights, first.Config, _folder["b"], options);

        File.ReadAllBytes(_folder["b/model.safetensors"]).ShouldBe(File.ReadAllBytes(_folder["a/model.safetensors"]));
        first.Config.Dtype.ShouldBe(WeightType.BF16);
    }

    [Fact]
    public void Write_TokenizerFiles_AreCopied()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 3);
        var tokenizer = _folder.Write("from/tokenizer.json", "{}");

        Export(weights, new ExportOptions { TokenizerFiles = [tokenizer] });

        using var read = ModelReader.Open(_folder["hf"]);
        read.TokenizerPath.ShouldBe(_folder["hf/tokenizer.json"]);
        File.Exists(_folder["hf/LICENSE"]).ShouldBeFalse();
    }

    [Fact]
    public void Write_MetasTokenizer_CarriesLicenceAndNotice()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 4);
        var options = WithMetasTokenizer(_folder.Write("from/LICENSE.x", License));

        Export(weights, options);

        File.ReadAllText(_folder["hf/LICENSE"]).ShouldBe(License);
        File.ReadAllText(_folder["hf/NOTICE"]).ShouldBe(
            "Llama X is licensed under the Llama X Community License, Copyright © Meta Platforms, Inc. All Rights Reserved.\n");
    }

    [Theory]
    [InlineData("LICENSE.llama3", "Meta Llama 3 is licensed under the Meta Llama 3")]
    [InlineData("LICENSE.llama4", "Llama 4 is licensed under the Llama 4")]
    public void Write_MetasOwnLicences_GiveTheirNotice(string license, string notice)
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 5);
        var words = Enumerable.Range(0, 96).Select(i => $"{i}");
        var options = new ExportOptions
        {
            GgufTokenizer = new GgufTokenizer { Pre = "llama-bpe", Tokens = [.. words], TokenTypes = new int[96] },
            IsTokenizerFromMeta = true,
            TokenizerLicensePath = TestAssets.Require($"tokenizers/{license}"),
        };

        GgufExporter.Write(weights, TinyModel.Config(), _folder["gguf/m.gguf"], options);

        File.ReadAllText(_folder["gguf/NOTICE"]).ShouldBe(
            $"{notice} Community License, Copyright © Meta Platforms, Inc. All Rights Reserved.\n");
    }

    [Fact]
    public void Write_MetasTokenizerWithoutLicence_IsRefused()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 6);
        var options = WithMetasTokenizer(null);

        Should.Throw<ConfigException>(() => Export(weights, options)).Message.ShouldBe(
            "The tokenizer comes from Meta's file, and its licence allows passing it on only with the licence and a notice " +
            "beside it. " +
            "Give the licence that came with it (--tokenizer-license PATH), or export without a tokenizer.");
        Directory.Exists(_folder["hf"]).ShouldBeFalse();
    }

    [Fact]
    public void Write_AnotherLicence_IsRefused()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 7);
        var license = _folder.Write("from/LICENSE", "Apache License");
        var options = WithMetasTokenizer(license);

        Should.Throw<ConfigException>(() => Export(weights, options)).Message
            .ShouldStartWith($"--tokenizer-license {license}: has no attribution notice of Meta's");
    }

    [Fact]
    public void Write_Overwrite_ReplacesAnExportAndNothingElse()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 8);
        _folder.Write("hf/config.json", "{}");
        var letters = _folder.Write("letters/letter.txt", "dear");

        Should.Throw<ConfigException>(() => Export(weights, new ExportOptions()))
            .Message.ShouldBe($"{_folder["hf"]}: exists and is not empty. Choose another path, or replace it with --overwrite.");
        Should.Throw<ConfigException>(() => HuggingFaceExporter.Write(
            weights, TinyModel.Config(), _folder["letters"], new ExportOptions { Overwrite = true }))
            .Message.ShouldBe($"{_folder["letters"]}: holds no config.json, so it is no export that may be overwritten.");
        Export(weights, new ExportOptions { Overwrite = true });

        File.Exists(letters).ShouldBeTrue();
        ModelReader.Open(_folder["hf"]).Dispose();
        Directory.GetDirectories(_folder.Root).Length.ShouldBe(2);
    }

    [Fact]
    public void Write_AfterAnExportKilledBetweenItsRenames_KeepsTheOldOneUntilTheNewIsThere()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 12);
        Export(weights, new ExportOptions());
        Directory.Move(_folder["hf"], _folder["hf.replaced"]);
        _folder.Write("hf.partial-export/config.json", "{");

        Should.Throw<CheckpointException>(() => Export(weights, new ExportOptions { Overwrite = true, Verify = _ => "not today" }));

        Directory.GetFileSystemEntries(_folder.Root).ShouldBe([_folder["hf"]]);
        ModelReader.Open(_folder["hf"]).Dispose();
    }

    [Fact]
    public void Write_Verifier_SeesTheExportBeforeItIsPublished()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 9);
        var options = new ExportOptions
        {
            Type = WeightType.F32,
            Verify = written =>
            {
                written.Weights.ShouldHoldTheSame(weights, written.Architecture);
                return Directory.Exists(_folder["hf"]) ? "published too early" : "not today";
            },
        };

        Should.Throw<CheckpointException>(() => Export(weights, options)).Message.ShouldEndWith(
            ": not today");
        Directory.GetFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    [Fact]
    public void Write_NaN_IsRefused()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 10);
        weights["model.norm.weight"][63] = double.NaN;

        Should.Throw<CheckpointException>(() => Export(weights, new ExportOptions())).Message.ShouldBe(
            "memory: model.norm.weight has NaN at element 63, which BF16 cannot hold as a finite number. Such a model computes " +
            "nothing: was its run broken?");
    }

    [Fact]
    public void Write_TypeOfGguf_IsRefused() =>
        Should.Throw<ConfigException>(() => Export(
            MemoryWeights.Random(TinyModel.Architecture, seed: 11), new ExportOptions { Type = WeightType.Q8_0 }))
            .Message.ShouldBe("A Hugging Face folder cannot hold Q8_0. Use F32, F16 or BF16.");

    public void Dispose() => _folder.Dispose();

    private void Export(MemoryWeights weights, ExportOptions options) =>
        HuggingFaceExporter.Write(weights, TinyModel.Config(), _folder["hf"], options);

    private ExportOptions WithMetasTokenizer(string? license) => new()
    {
        TokenizerFiles = [_folder.Write("from/tokenizer.json", "{}")],
        IsTokenizerFromMeta = true,
        TokenizerLicensePath = license,
    };
}
