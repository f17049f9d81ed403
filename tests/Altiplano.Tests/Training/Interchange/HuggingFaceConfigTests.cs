using System.Text.Json;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Tests.Training.Layers;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;
using Altiplano.Training.Parallel.SelfTest;

namespace Altiplano.Tests.Training.Interchange;

public sealed class HuggingFaceConfigTests : IDisposable
{
    private const string Sizes =
        """
        "model_type": "llama", "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16,
        "num_attention_heads": 32, "num_key_value_heads": 8
        """;

    private readonly TempFolder _folder = new();

    [Fact]
    public void ReadFolder_Stories_IsItsModel()
    {
        var config = HuggingFaceConfig.ReadFolder(TestAssets.Require("checkpoints/stories260k-hf"));

        config.Architecture.ShouldBe(new LlamaArchitecture
        {
            VocabSize = 512, HiddenSize = 64, IntermediateSize = 172, NumLayers = 5, NumAttentionHeads = 8, NumKeyValueHeads = 4,
            RopeTheta = 10_000, RmsNormEps = 1e-5, TieWordEmbeddings = true, MaxPositionEmbeddings = 512,
        });
        (config.Dtype, config.BosTokenId).ShouldBe((WeightType.F32, 1));
        config.EosTokenIds.ShouldBe([2]);
    }

    [Theory]
    [InlineData("""  "rope_theta": 500000.0, "torch_dtype": "bfloat16", "rope_scaling": {NUMBERS, "rope_type": "llama3"}  """)]
    [InlineData("""  "dtype": "bfloat16", "rope_parameters": {NUMBERS, "rope_type": "llama3", "rope_theta": 500000.0}  """)]
    [InlineData("""  "rope_theta": 500000.0, "dtype": "bfloat16", "rope_scaling": {NUMBERS, "type": "llama3"}  """)]
    public void Parse_OldAndNewRopeKeys_AreTheSameModel(string rope)
    {
        const string Numbers =
            """ "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192 """;
        var keys = rope.Replace("NUMBERS", Numbers, StringComparison.Ordinal);

        var config = Parse($"{Sizes}, {keys}, \"eos_token_id\": [128001, 128008, 128009]");

        config.Architecture.RopeTheta.ShouldBe(500_000);
        config.Architecture.RopeScaling.ShouldBe(new RopeScaling(32, 1, 4, 8192));
        config.Dtype.ShouldBe(WeightType.BF16);
        config.EosTokenIds.ShouldBe([128001, 128008, 128009]);
    }

    [Theory]
    [InlineData("""  "rope_scaling": null  """)]
    [InlineData("""  "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}  """)]
    [InlineData("""  "rope_parameters": {"rope_theta": 10000.0}  """)]
    public void Parse_NoScaling_HasTransformersDefaults(string rope)
    {
        var model = Parse($"{Sizes}, {rope}").Architecture;

        (model.RopeTheta, model.RopeScaling, model.RmsNormEps).ShouldBe((10_000, null, 1e-6));
        (model.TieWordEmbeddings, model.HeadDim, model.MaxPositionEmbeddings).ShouldBe((false, 64, 2048));
    }

    [Theory]
    [InlineData("\"attention_bias\": true", "attention_bias is True; supported: false.")]
    [InlineData("\"mlp_bias\": true", "mlp_bias is True; supported: false.")]
    [InlineData("\"hidden_act\": \"gelu\"", "hidden_act is gelu; supported: silu.")]
    [InlineData(
        "\"architectures\": [\"LlamaForSequenceClassification\"]",
        "architectures is [\"LlamaForSequenceClassification\"]; supported: LlamaForCausalLM.")]
    [InlineData("\"partial_rotary_factor\": 0.5", "partial_rotary_factor is 0.5; supported: 1, all of a head is rotated.")]
    [InlineData("\"attention_dropout\": 0.1", "attention_dropout is 0.1; supported: 0.")]
    [InlineData(
        "\"quantization_config\": {\"bits\": 4}",
        "quantization_config is {\"bits\": 4}; supported: weights that are not quantised.")]
    [InlineData(
        "\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}",
        "rope_scaling: type is linear; supported: llama3, default.")]
    [InlineData(
        "\"rope_parameters\": {\"rope_type\": \"yarn\"}",
        "rope_parameters: rope_type is yarn; supported: llama3, default.")]
    [InlineData(
        "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, \"high_freq_factor\": 4}",
        "rope_scaling: original_max_position_embeddings is missing.")]
    [InlineData(
        "\"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, \"high_freq_factor\": 1, " +
        "\"original_max_position_embeddings\": 8192}",
        "rope_scaling: factor is 8; supported: 1 or more, with 0 < low_freq_factor (4) <= high_freq_factor (1) and " +
        "original_max_position_embeddings (8192) above 0.")]
    [InlineData("\"rms_norm_eps\": \"small\"", "rms_norm_eps is small, but a number is needed.")]
    [InlineData("\"eos_token_id\": [1.5]", "eos_token_id is [1.5], but a whole number or a list of them is needed.")]
    [InlineData("\"head_dim\": 63", "head_dim is 63, but rotary embedding turns pairs of elements. Use an even size.")]
    public void Parse_WhatThisProgramCannotDo_NamesKeyValueAndRule(string key, string expected)
    {
        var problem = Should.Throw<ConfigException>(() => Parse($"{Sizes}, {key}")).Problems.ShouldHaveSingleItem();

        problem.ShouldEndWith(expected);
        problem.ShouldStartWith("config.json");
    }

    [Fact]
    public void Parse_SeveralProblems_ListsThemTogether() =>
        Should.Throw<ConfigException>(
            () => Parse("""  "model_type": "qwen2", "hidden_size": 64, "attention_bias": true  """)).Problems.ShouldBe(
        [
            "config.json: model_type is qwen2; supported: llama.",
            "config.json: attention_bias is True; supported: false.",
            "config.json: num_attention_heads is missing.",
            "config.json: vocab_size is missing.",
            "config.json: intermediate_size is missing.",
            "config.json: num_hidden_layers is missing.",
        ], ignoreOrder: true);

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void ToJson_ThenParse_IsTheSame(bool isTied, bool isScaled)
    {
        var config = TinyModel.Config(TinyModel.Architecture with
        {
            TieWordEmbeddings = isTied,
            RopeScaling = isScaled ? TinyModel.Scaling : null,
            HeadDim = 32,
            RmsNormEps = 3e-6,
        });
        config = config with { PadTokenId = 5, Dtype = WeightType.BF16 };

        var parsed = HuggingFaceConfig.Parse(config.ToJson(), "config.json");

        (parsed with { EosTokenIds = [] }).ShouldBe(config with { EosTokenIds = [] });
        parsed.EosTokenIds.ShouldBe(config.EosTokenIds);
    }

    /// <summary>With a rule switched off, and sizes that Hugging Face's own keys cannot say.</summary>
    public static TheoryData<LlamaArchitecture> Llama4s => new()
    {
        TinyLlama4.Architecture,
        TrialSpec.MixtureOfExperts,
        TinyLlama4.Architecture with { Attention = new Llama4Attention(128, 0), TieWordEmbeddings = true, RopeScaling = null },
    };

    [Theory]
    [MemberData(nameof(Llama4s))]
    public void ToJson_OfALlama4_ParsesToTheSame(LlamaArchitecture architecture)
    {
        var config = TinyModel.Config(architecture) with { Dtype = WeightType.F64 };

        var parsed = HuggingFaceConfig.Parse(config.ToJson(), "config.json");

        parsed.Architecture.ShouldBe(config.Architecture);
        parsed.Dtype.ShouldBe(WeightType.F64);
    }

    [Fact]
    public void ReadFile_Llama4_IsRefused()
    {
        var path = _folder.Write("config.json", TinyModel.Config(TinyLlama4.Architecture).ToJson().ToString());

        Should.Throw<ConfigException>(() => HuggingFaceConfig.ReadFile(path)).Problems.ShouldBe([$"{path}: model_type is llama4_text; supported: llama."]);
    }

    [Fact]
    public void ReadFolder_GenerationConfig_HasTheLastWordOnTokens()
    {
        _folder.Write("config.json", $"{{{Sizes}, \"eos_token_id\": 128001}}");
        _folder.Write("generation_config.json", """{"eos_token_id": [128001, 128009], "bos_token_id": 128000}""");

        var config = HuggingFaceConfig.ReadFolder(_folder.Root);

        config.EosTokenIds.ShouldBe([128001, 128009]);
        config.BosTokenId.ShouldBe(128000);
    }

    [Theory]
    [InlineData("[]", ": holds a JSON array, but an object is needed.")]
    [InlineData("{", ", line 1, column 2: not JSON. The text ends before the JSON does.")]
    [InlineData("", " is empty, but JSON is needed.")]
    public void ReadFolder_NoObject_NamesTheFile(string content, string expected)
    {
        var path = _folder.Write("config.json", content);

        Should.Throw<ConfigException>(() => HuggingFaceConfig.ReadFolder(_folder.Root)).Message.ShouldStartWith(
            $"{path}{expected}");
    }

    public void Dispose() => _folder.Dispose();

    private static HuggingFaceConfig Parse(string keys)
    {
        using var document = JsonDocument.Parse($"{{{keys}}}");
        return HuggingFaceConfig.Parse(document.RootElement, "config.json");
    }
}
