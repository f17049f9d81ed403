using Altiplano.Planning.Architecture;

namespace Altiplano.Training.Interchange;

/// <summary><c>model_type: deepseek_v3</c>: latent attention, and a mixture with shared experts after some dense layers.</summary>
/// <remarks>The module that predicts a second token is left out: it is not part of the published size.</remarks>
internal static class DeepSeekConfig
{
    public static TransformerShape Read(ConfigReader reader, string name)
    {
        var shape = ShapeConfig.ReadCommon(reader, name);
        if (reader.Integer("moe_layer_freq") is { } every && every != 1)
            reader.Refuse("moe_layer_freq", "1");
        var width = reader.RequiredInteger("moe_intermediate_size");
        var latent = new LatentAttentionShape(
            reader.Integer("q_lora_rank") ?? 0, reader.RequiredInteger("kv_lora_rank"), reader.RequiredInteger("qk_nope_head_dim"),
            reader.RequiredInteger("qk_rope_head_dim"), reader.RequiredInteger("v_head_dim"));
        shape = shape with
        {
            HeadDim = latent.NopeHeadDim + latent.RopeHeadDim,
            LatentAttention = latent,
            Mixture = new MixtureShape(
                reader.RequiredInteger("n_routed_experts"), reader.RequiredInteger("num_experts_per_tok"), width,
                SharedIntermediateSize: (reader.Integer("n_shared_experts") ?? 0) * width,
                NumDenseLayers: reader.Integer("first_k_dense_replace") ?? 0),
        };
        ShapeConfig.RefuseOthers(
            reader, "aux_loss_alpha", "ep_size", "n_group", "norm_topk_prob", "num_nextn_predict_layers", "qk_head_dim", "rope_interleave",
            "routed_scaling_factor", "scoring_func", "seq_aux", "topk_group", "topk_method");
        return shape;
    }
}
