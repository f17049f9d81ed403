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
        new ModelCatalog(PresetFolder.Shipped()).ReadPreset(name).Llama.NumParameters.ShouldBe(expected);

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
    [InlineData("\"llama\"", "\"mistral\"", "model_type is mistral; supported: deepseek_v3, llama, llama4, llama4_text, mixtral.")]
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
            .Problems.ShouldContain($"{_folder["presets/models/mine.yaml"]}:1:1: sources is missing. A preset says where its figures are published.");
    }

    [Fact]
    public void Model_PresetFolderOrConfig_IsRead()
    {
        _folder.Write("stories/config.json", HuggingFace);
        var catalog = new ModelCatalog(PresetFolder.Shipped());

        catalog.Model("llama4-scout").Shape.Mixture!.NumExperts.ShouldBe(16);
        catalog.Model(_folder["stories"]).Architecture.NumLayers.ShouldBe(5);
        catalog.Model(_folder["stories/config.json"]).Name.ShouldBe("stories");
    }

    [Fact]
    public void Model_NameOfNothing_SuggestsThePreset() =>
        Should.Throw<ConfigException>(() => new ModelCatalog(PresetFolder.Shipped()).Model("llama4-scot")).Problems.ShouldBe(
            ["--model is \"llama4-scot\", which is neither a preset nor a folder with a config.json. Did you mean llama4-scout?"]);

    [Theory]
    [InlineData("model={preset: llama3-8b, mixture: {num_experts: 8, top_k: 9, expert_intermediate_size: 100}}",
        "model.mixture.top_k is 9, but a token visits at least one of the 8 experts, and none twice. Use 1 to 8.")]
    [InlineData("model={preset: llama3-8b, mixture: {num_experts: 8, top_k: 1, expert_intermediate_size: 100, interleave: 33}}",
        "model.mixture.interleave is 33, but one layer of so many has experts, and there are 32 layers. Use 1 to 32.")]
    [InlineData("model={preset: llama3-8b, mixture: {num_experts: 8, top_k: 1, expert_intermediate_size: 100, num_dense_layers: 32}}",
        "model.mixture.num_dense_layers is 32, but some layer must have experts, and there are 32 layers. Use 0 to 31.")]
    [InlineData("model={preset: llama3-8b, mixture: {num_experts: 8}}", "model.mixture.top_k is missing. It is required.")]
    [InlineData("model={preset: llama3-8b, mixture: {num_experts: 0, top_k: 1, expert_intermediate_size: 1}}",
        "model.mixture.num_experts is \"0\", but it must be a whole number, 1 or more.")]
    [InlineData("model={preset: llama4-scout, vision: {num_hidden_layers: 2, hidden_size: 10, intermediate_size: 4, num_attention_heads: 3, tokens_per_image: 4, decoder_tokens_per_image: 1, image_token_share: 0}}",
        "model.vision.num_attention_heads is 3, but each head takes a whole part of hidden_size, which is 10.")]
    [InlineData("model={preset: llama4-scout, vision: {image_token_share: 1}}",
        "model.vision.image_token_share is \"1\", but it must be a share from 0 up to, but not, 1.")]
    [InlineData("model={preset: llama4-scout, window: {tokens: 0}}", "model.window.tokens is \"0\", but it must be a whole number, 1 or more.")]
    [InlineData("model={preset: deepseek-v3, latent_attention: {kv_lora_rank: 0}}",
        "model.latent_attention.kv_lora_rank is \"0\", but it must be a whole number, 1 or more.")]
    [InlineData("model={preset: llama3-8b, learned_positions: -1}", "model.learned_positions is \"-1\", but it must be a whole number, 0 or more.")]
    [InlineData("model={preset: llama3-8b, evidence: {hiden_size: assumed}}",
        "model.evidence grades hiden_size, which is not a key. Did you mean hidden_size?")]
    public void Find_ShapeThatCannotBe_SaysWhy(string assignment, string problem)
    {
        var run = _folder.Write("run.yaml", $"{RunOf} tiny-15m\n");

        Should.Throw<ConfigException>(() => new RunFile(PresetFolder.Shipped()).Read(run, [assignment])).Problems
            .ShouldContain($"--set {assignment}: {problem}");
    }

    private ModelSpec Read(string model) =>
        new RunFile(PresetFolder.Shipped()).Read(_folder.Write("run.yaml", $"{RunOf} {model}\n"), []).Spec.Model;
}
