using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;

namespace Altiplano.Tests.Cli.Configuration;

public sealed class ModelCatalogTests : IDisposable
{
    private const string RunOf = """
        data: {train: corpus}
        batch: {global_batch_tokens: 1024, seq_len: 512}
        run: {steps: 1, out: out}
        model:
        """;

    private const string HuggingFace = """
        {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_act": "silu", "attention_bias": false, "mlp_bias": false,
         "vocab_size": 512, "hidden_size": 64, "intermediate_size": 172, "num_hidden_layers": 5, "num_attention_heads": 8,
         "num_key_value_heads": 4, "rope_theta": 10000.0, "rope_scaling": null, "rms_norm_eps": 1e-05, "tie_word_embeddings": true,
         "max_position_embeddings": 512, "torch_dtype": "float32", "eos_token_id": [1, 2]}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama3-8b", 8_030_261_248)]
    [InlineData("llama3-70b", 70_553_706_496)]
    [InlineData("llama3.1-8b", 8_030_261_248)]
    [InlineData("llama3.1-70b", 70_553_706_496)]
    [InlineData("llama3.1-405b", 405_853_388_800)]
    [InlineData("llama3.2-1b", 1_235_814_400)]
    [InlineData("llama3.2-3b", 3_212_749_824)]
    [InlineData("tiny-15m", 15_191_712)]
    [InlineData("small-50m", 49_947_136)]
    public void ReadPreset_Shipped_HasItsParameterCount(string name, long expected) =>
        new ModelCatalog(PresetFolder.Shipped()).ReadPreset(name).NumParameters.ShouldBe(expected);

    [Fact]
    public void PresetNames_Shipped_AreAllTested() =>
        new ModelCatalog(PresetFolder.Shipped()).PresetNames.Count.ShouldBe(9);

    [Fact]
    public void Find_FolderWithWeights_TakesItsConfigAndStartsFromThem()
    {
        _folder.Write("stories/config.json", HuggingFace);
        _folder.Write("stories/model.safetensors", "");

        var model = Read("stories");

        model.Name.ShouldBe("stories");
        model.Weights.ShouldBe(_folder["stories"]);
        model.Architecture.ShouldBe(new LlamaArchitecture
        {
            VocabSize = 512, HiddenSize = 64, IntermediateSize = 172, NumLayers = 5, NumAttentionHeads = 8, NumKeyValueHeads = 4,
            HeadDim = 8, RopeTheta = 10_000, RmsNormEps = 1e-5, TieWordEmbeddings = true, MaxPositionEmbeddings = 512,
        });
    }

    [Fact]
    public void Find_ConfigJson_StartsFromNoWeights()
    {
        _folder.Write("stories/config.json", HuggingFace);
        _folder.Write("stories/model.safetensors", "");

        Read("stories/config.json").Weights.ShouldBeNull();
    }

    [Theory]
    [InlineData("\"llama\"", "\"mistral\"", "model_type is mistral; supported: llama.")]
    [InlineData("\"silu\"", "\"gelu\"", "hidden_act is gelu; supported: silu.")]
    [InlineData("\"attention_bias\": false", "\"attention_bias\": true", "attention_bias is True; supported: false.")]
    [InlineData("\"vocab_size\": 512, ", "", "vocab_size is missing.")]
    [InlineData(
        "\"rope_scaling\": null", "\"rope_scaling\": {\"rope_type\": \"yarn\"}",
        "rope_scaling: rope_type is yarn; supported: llama3, default.")]
    public void Find_ConfigOfAnotherKindOfModel_SaysWhatDiffers(string part, string replacement, string problem)
    {
        _folder.Write("m/config.json", HuggingFace.Replace(part, replacement));

        var problems = Should.Throw<ConfigException>(() => Read("m")).Problems;

        problems[0].ShouldStartWith(_folder["m/config.json"]);
        problems[0].ShouldEndWith(": " + problem);
    }

    /// <summary>As transformers 5 writes it.</summary>
    [Fact]
    public void Find_RopeParameters_AreRead()
    {
        _folder.Write("m/config.json", HuggingFace.Replace(
            "\"rope_theta\": 10000.0, \"rope_scaling\": null", "\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 70000.0}"));

        Read("m").Architecture.RopeTheta.ShouldBe(70_000);
    }

    [Fact]
    public void ReadPreset_WithoutSources_IsRefused()
    {
        _folder.Write("presets/models/mine.yaml", "hidden_size: 3");

        Should.Throw<ConfigException>(() => new ModelCatalog(new PresetFolder(_folder["presets"])).ReadPreset("mine"))
            .Problems.ShouldContain($"{_folder["presets/models/mine.yaml"]}:1:1: sources is missing. It is required.");
    }

    private ModelSpec Read(string model) =>
        new RunFile(PresetFolder.Shipped()).Read(_folder.Write("run.yaml", $"{RunOf} {model}\n"), []).Spec.Model;
}
