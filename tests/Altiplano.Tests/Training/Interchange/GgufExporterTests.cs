using Altiplano.Data.Tokenizers;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

public sealed class GgufExporterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Write_F32_ReadsBackTheSameModelToTheBit(bool isTied, bool isScaled)
    {
        var model = TinyModel.Architecture with { TieWordEmbeddings = isTied, RopeScaling = isScaled ? TinyModel.Scaling : null };
        using var weights = MemoryWeights.Random(model, seed: 1);
        var path = _folder["export/model.gguf"];

        var bytes = GgufExporter.Write(weights, TinyModel.Config(model), path, new ExportOptions { Type = WeightType.F32 });

        new FileInfo(path).Length.ShouldBe(bytes);
        using var read = ModelReader.Open(path);
        read.Architecture.ShouldBe(model);
        read.Weights.ShouldHoldTheSame(weights, model);
        Directory.GetFileSystemEntries(_folder["export"]).ShouldBe([path]);
    }

    [Fact]
    public void Write_Twice_GivesTheSameBytes()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 2);
        var options = new ExportOptions { Type = WeightType.Q8_0 };

        GgufExporter.Write(weights, TinyModel.Config(), _folder["a.gguf"], options);
        GgufExporter.Write(weights, TinyModel.Config(), _folder["b.gguf"], options);

        File.ReadAllBytes(_folder["a.gguf"]).ShouldBe(File.ReadAllBytes(_folder["b.gguf"]));
    }

    [Fact]
    public void Write_QueryRows_AreInterleavedInTheFile()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 3);
        var path = _folder["model.gguf"];

        GgufExporter.Write(weights, TinyModel.Config(), path, new ExportOptions { Type = WeightType.F32 });

        using var file = GgufFile.Open(path);
        var stored = file.Tensors.Read("blk.1.attn_q.weight").Chunk(64).ToArray();
        var halves = weights.Read(ParameterTable.LayerName(1, "self_attn.q_proj")).Chunk(64).ToArray();
        stored[0].ShouldBe(halves[0]);
        stored[1].ShouldBe(halves[8]);
        stored[2].ShouldBe(halves[1]);
        stored[19].ShouldBe(halves[25]);
        file.Tensors.Read("blk.1.attn_v.weight").ShouldBe(weights.Read(ParameterTable.LayerName(1, "self_attn.v_proj")));
    }

    [Fact]
    public void Write_Q8_KeepsNormsF32AndOddRowsF16()
    {
        var model = TinyModel.Architecture;
        using var weights = MemoryWeights.Random(model, seed: 4);
        var path = _folder["model.gguf"];

        GgufExporter.Write(weights, TinyModel.Config(), path, new ExportOptions { Type = WeightType.Q8_0 });

        using var file = GgufFile.Open(path);
        var types = file.Tensors.Weights.ToDictionary(w => w.Name, w => w.Type);
        types["blk.0.attn_norm.weight"].ShouldBe(WeightType.F32);
        types["blk.0.ffn_up.weight"].ShouldBe(WeightType.Q8_0);
        types["blk.0.ffn_down.weight"].ShouldBe(WeightType.F16, "its rows have 80 elements, no multiple of 32");
        file.Metadata.Integer("general.file_type").ShouldBe(7);
        using var read = ModelReader.Open(path);
        foreach (var parameter in ParameterTable.Of(model))
        {
            var (actual, expected) = (read.Weights.Read(parameter.Name), weights.Read(parameter.Name));
            var largest = actual.Zip(expected, (a, e) => MathF.Abs(a - e)).Max();
            // Half a step of the scale, and what the scale lost when it became F16.
            largest.ShouldBeLessThanOrEqualTo(0.5f / 127 / 2 + 3e-4f, parameter.Name);
        }
    }

    [Fact]
    public void Write_Tokenizer_ReadsBack()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 5);
        var tokenizer = new GgufTokenizer
        {
            Pre = "llama-bpe", Tokens = [.. Enumerable.Range(0, 96).Select(i => $"Ġ{i}")], TokenTypes = [.. Enumerable.Repeat(1, 96)],
            Merges = ["Ġ 1", "Ġ1 2"], BosId = 1, EosId = 2, EotId = 3, EomId = 4, AddBos = true, ChatTemplate = "{{ x }}",
        };
        var path = _folder["model.gguf"];

        GgufExporter.Write(weights, TinyModel.Config(), path, new ExportOptions { GgufTokenizer = tokenizer });

        using var read = ModelReader.Open(path);
        read.GgufTokenizer.ShouldNotBeNull();
        read.GgufTokenizer.Tokens.ShouldBe(tokenizer.Tokens);
        read.GgufTokenizer.Merges.ShouldBe(tokenizer.Merges);
        (read.GgufTokenizer with { Tokens = [], TokenTypes = [], Merges = [] }).ToString()
            .ShouldBe((tokenizer with { Tokens = [], TokenTypes = [], Merges = [] }).ToString());
        read.Config.EosTokenIds.ShouldBe([2, 3]);
    }

    [Fact]
    public void Write_TokenizerOfAnotherSize_IsRefusedWithBothSizes()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 6);
        var tokenizer = new GgufTokenizer { Pre = "llama-bpe", Tokens = ["a", "b"], TokenTypes = [1, 1] };

        Should.Throw<ConfigException>(() => GgufExporter.Write(
            weights, TinyModel.Config(), _folder["model.gguf"], new ExportOptions { GgufTokenizer = tokenizer }))
            .Message.ShouldBe(
                "The tokenizer has 2 tokens and 2 token types, but the model's vocab_size is 96. Pad the tokenizer with unused " +
                "tokens (type 5), or take the tokenizer that the model was trained with.");
    }

    [Fact]
    public void Write_NumberBeyondHalf_NamesTensorAndRemedy()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 7);
        weights["model.layers.0.mlp.up_proj.weight"][70] = 70_000;
        var path = _folder["model.gguf"];

        var options = new ExportOptions { Type = WeightType.F16 };

        Should.Throw<CheckpointException>(() => GgufExporter.Write(weights, TinyModel.Config(), path, options))
            .Message.ShouldBe(
                "memory: model.layers.0.mlp.up_proj.weight has 70000 at element 70, which F16 cannot hold as a finite number. " +
                "F16 holds magnitudes up to 65,504: use BF16 or F32.");
        Directory.GetFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    [Fact]
    public void Write_VerifierRefuses_LeavesWhatWasThere()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 8);
        var path = _folder.Write("model.gguf", "older");

        Should.Throw<CheckpointException>(() => GgufExporter.Write(
            weights, TinyModel.Config(), path, new ExportOptions { Overwrite = true, Verify = _ => "logit 3 is 1.5, it was 2." }))
            .Message.ShouldBe(
                $"{path}: the export was refused when read back, and nothing of it is kept: logit 3 is 1.5, it was 2.");
        File.ReadAllText(path).ShouldBe("older");
        Directory.GetFileSystemEntries(_folder.Root).ShouldBe([path]);
    }

    [Fact]
    public void Write_ExistingFile_IsRefused()
    {
        using var weights = MemoryWeights.Random(TinyModel.Architecture, seed: 9);
        var path = _folder.Write("model.gguf", "older");

        Should.Throw<ConfigException>(() => GgufExporter.Write(weights, TinyModel.Config(), path, new ExportOptions()))
            .Message.ShouldBe($"{path}: exists. Choose another path, or replace it with --overwrite.");
    }

    public void Dispose() => _folder.Dispose();
}
