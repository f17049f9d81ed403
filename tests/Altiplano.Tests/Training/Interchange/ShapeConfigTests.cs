using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Interchange;

public sealed class ShapeConfigTests : IDisposable
{
    private const string Mixtral = """
        {"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_act": "silu", "hidden_size": 4096,
         "intermediate_size": 14336, "max_position_embeddings": 32768, "num_attention_heads": 32, "num_experts_per_tok": 2,
         "num_hidden_layers": 32, "num_key_value_heads": 8, "num_local_experts": 8, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0,
         "router_aux_loss_coef": 0.02, "sliding_window": null, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "vocab_size": 32000}
        """;

    private const string DeepSeek = """
        {"model_type": "deepseek_v3", "auto_map": {"AutoConfig": "x"}, "aux_loss_alpha": 0.001, "ep_size": 1, "first_k_dense_replace": 3,
         "hidden_act": "silu", "hidden_size": 7168, "intermediate_size": 18432, "kv_lora_rank": 512, "moe_intermediate_size": 2048,
         "moe_layer_freq": 1, "n_group": 8, "n_routed_experts": 256, "n_shared_experts": 1, "norm_topk_prob": true,
         "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 61, "num_key_value_heads": 128,
         "num_nextn_predict_layers": 1, "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64,
         "quantization_config": {"quant_method": "fp8"}, "routed_scaling_factor": 2.5, "scoring_func": "sigmoid", "topk_group": 4,
         "topk_method": "noaux_tc", "tie_word_embeddings": false, "v_head_dim": 128, "vocab_size": 129280}
        """;

    private const string Maverick = """
        {"model_type": "llama4", "architectures": ["Llama4ForConditionalGeneration"], "boi_token_index": 200080, "eoi_token_index": 200081,
         "image_token_index": 200092,
         "text_config": {"model_type": "llama4_text", "attention_bias": false, "attention_chunk_size": 8192, "hidden_act": "silu",
          "head_dim": 128, "hidden_size": 5120, "intermediate_size": 8192, "intermediate_size_mlp": 16384, "interleave_moe_layer_step": 2,
          "num_attention_heads": 40, "num_experts_per_tok": 1, "num_hidden_layers": 48, "num_key_value_heads": 8, "num_local_experts": 128,
          "no_rope_layers": [], "use_qk_norm": false, "vocab_size": 202048, "tie_word_embeddings": false},
         "vision_config": {"model_type": "llama4_vision_model", "hidden_act": "gelu", "hidden_size": 1408, "image_size": 336,
          "intermediate_size": 5632, "num_attention_heads": 16, "num_channels": 3, "num_hidden_layers": 34, "patch_size": 14,
          "pixel_shuffle_ratio": 0.5, "projector_input_dim": 4096, "projector_output_dim": 4096, "rope_theta": 10000}}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ReadFile_Mixtral_IsItsShape()
    {
        var shape = Read(Mixtral);

        shape.Mixture.ShouldBe(new MixtureShape(8, 2, 14336));
        shape.Window.ShouldBeNull();
        new ShapeParameters(shape).Total.ShouldBe(46_702_792_704);
    }

    [Fact]
    public void ReadFile_SlidingWindow_IsReadToo() =>
        Read(Mixtral.Replace("\"sliding_window\": null", "\"sliding_window\": 4096")).Window.ShouldBe(new AttentionWindow(4096, 0, false));

    [Fact]
    public void ReadFile_DeepSeek_IsItsShape()
    {
        var shape = Read(DeepSeek);

        shape.LatentAttention.ShouldBe(new LatentAttentionShape(1536, 512, 128, 64, 128));
        shape.Mixture.ShouldBe(new MixtureShape(256, 8, 2048, 2048, NumDenseLayers: 3));
        shape.HeadDim.ShouldBe(192);
        ((double)new ShapeParameters(shape).Total).ShouldBe(671.026e9, 1e9);
    }

    [Fact]
    public void ReadFile_Llama4_ReadsTextAndVision()
    {
        var shape = Read(Maverick);

        shape.IntermediateSize.ShouldBe(16384);
        shape.Mixture.ShouldBe(new MixtureShape(128, 1, 8192, 8192, Interleave: 2));
        shape.Window.ShouldBe(new AttentionWindow(8192, 4, true));
        shape.Vision.ShouldBe(new VisionTower(34, 1408, 5632, 16, 576, 144, 0));
        shape.Evidence["vision.image_token_share"].ShouldBe(Evidence.Assumed);
        new ShapeParameters(shape with { Vision = null }).Total.ShouldBe(400_711_848_960);
    }

    [Fact]
    public void ReadFile_ListOfRotaryLayers_GivesTheDistance() =>
        Read(Maverick.Replace("\"no_rope_layers\": []", $"\"no_rope_layers\": [{string.Join(", ", Enumerable.Range(1, 48).Select(i => i % 6 == 0 ? 0 : 1))}]"))
            .Window.ShouldBe(new AttentionWindow(8192, 6, true));

    [Theory]
    [InlineData("\"tie_word_embeddings\": false, \"torch", "\"parallel_block\": true, \"torch", "parallel_block is a key that this program does not know, so the model may be another than it seems. Remove it if it changes no shape.")]
    [InlineData("\"silu\"", "\"gelu\"", "hidden_act is gelu; supported: silu.")]
    [InlineData("\"num_local_experts\": 8, ", "", "num_local_experts is missing.")]
    [InlineData("\"num_local_experts\": 8", "\"num_local_experts\": \"8\"", "num_local_experts is 8, but a whole number is needed.")]
    [InlineData("\"mixtral\"", "null", "model_type is missing; supported: deepseek_v3, llama, llama4, llama4_text, mixtral.")]
    [InlineData("\"mixtral\"", "\"gpt_neox\"", "model_type is gpt_neox; supported: deepseek_v3, llama, llama4, llama4_text, mixtral.")]
    public void ReadFile_SomethingUnknown_SaysWhat(string part, string replacement, string problem) =>
        Problems(Mixtral.Replace(part, replacement)).ShouldContain($"{_folder["config.json"]}: {problem}");

    [Theory]
    [InlineData("\"num_key_value_heads\": 8", "\"num_key_value_heads\": 3", "num_key_value_heads is 3, but the 32 query heads must share them evenly. Use 1, 2, 4, 8, 16, 32.")]
    [InlineData("\"num_experts_per_tok\": 2", "\"num_experts_per_tok\": 9", "mixture.top_k is 9, but a token visits at least one of the 8 experts, and none twice. Use 1 to 8.")]
    public void ReadFile_ShapeThatCannotBe_SaysWhy(string part, string replacement, string problem) =>
        Problems(Mixtral.Replace(part, replacement)).ShouldBe([$"{_folder["config.json"]}.{problem}"]);

    [Theory]
    [InlineData("\"moe_layer_freq\": 1", "\"moe_layer_freq\": 2", "moe_layer_freq is 2; supported: 1.")]
    [InlineData("\"kv_lora_rank\": 512, ", "", "kv_lora_rank is missing.")]
    public void ReadFile_DeepSeekOfAnotherKind_SaysWhat(string part, string replacement, string problem) =>
        Problems(DeepSeek.Replace(part, replacement)).ShouldContain($"{_folder["config.json"]}: {problem}");

    [Theory]
    [InlineData("\"use_qk_norm\": false", "\"moe_layers\": [1, 2]", ": text_config: moe_layers is [1, 2]; supported: every 2. layer, as interleave_moe_layer_step says.")]
    [InlineData("\"no_rope_layers\": []", "\"no_rope_layers\": [1, 0, 0]", ": text_config: no_rope_layers is [1, 0, 0]; supported: zeros at a fixed distance.")]
    [InlineData("\"patch_size\": 14", "\"patch_size\": 14, \"window_size\": 7", ": vision_config: window_size is a key that this program does not know, so the model may be another than it seems. Remove it if it changes no shape.")]
    [InlineData("\"text_config\"", "\"txt_config\"", ": text_config is missing.")]
    public void ReadFile_Llama4OfAnotherKind_SaysWhat(string part, string replacement, string problem) =>
        Problems(Maverick.Replace(part, replacement)).ShouldContain(_folder["config.json"] + problem);

    [Fact]
    public void ReadModel_Llama4_HasWhatTheTrainerKnows()
    {
        var path = _folder.Write("config.json", Maverick.Replace("\"use_qk_norm\": false", "\"use_qk_norm\": true, \"attn_temperature_tuning\": 4"));

        var model = ShapeConfig.ReadModel(path, "m");

        model.Architecture.Attention.ShouldBe(new Llama4Attention(8192, 4, HasQkNorm: true, new AttentionTemperature(8192, 0.1)));
        model.Architecture.RopeTheta.ShouldBe(500_000);
        model.Architecture.NumParameters.ShouldBe(400_711_848_960);
        model.Shape.Vision.ShouldNotBeNull();
    }

    private TransformerShape Read(string json) => ShapeConfig.ReadFile(_folder.Write("config.json", json), "m");

    private IReadOnlyList<string> Problems(string json) => Should.Throw<ConfigException>(() => Read(json)).Problems;
}
