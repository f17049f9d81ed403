using Altiplano.Planning.Backtest;

namespace Altiplano.Cli.Configuration;

/// <summary>The keys of a model in a file of <c>presets/evidence</c>: those of docs/cases.md.</summary>
internal static class EvidenceModelSection
{
    public static Section<PublishedModel> Model { get; } = new Section<PublishedModel>()
        .Add("name", new TextFormat("a text"), m => m.Name, (m, v) => m with { Name = v }, "", isRequired: true)
        .Add("layers", Whole(1), m => m.Layers, (m, v) => m with { Layers = v }, "", isRequired: true)
        .Add("hidden", Whole(1), m => m.Hidden, (m, v) => m with { Hidden = v }, "", isRequired: true)
        .Add("heads", Whole(1), m => m.Heads, (m, v) => m with { Heads = v }, "", isRequired: true)
        .Add("kv_heads", Whole(1), m => m.KvHeads, (m, v) => m with { KvHeads = v }, "")
        .Add("head_dim", Whole(1), m => m.HeadDim, (m, v) => m with { HeadDim = v }, "")
        .Add("ffn", Whole(1), m => m.Ffn, (m, v) => m with { Ffn = v }, "", isRequired: true)
        .Add("vocab", Whole(1), m => m.Vocab, (m, v) => m with { Vocab = v }, "", isRequired: true)
        .Add("gated_mlp", Flag, m => m.GatedMlp, (m, v) => m with { GatedMlp = v }, "", isRequired: true)
        .Add("tied", Flag, m => m.Tied, (m, v) => m with { Tied = v }, "", isRequired: true)
        .Add("learned_pos_emb", Flag, m => m.LearnedPosEmb, (m, v) => m with { LearnedPosEmb = v }, "")
        .Add("experts", Whole(1), m => m.Experts, (m, v) => m with { Experts = v }, "")
        .Add("topk", Whole(1), m => m.TopK, (m, v) => m with { TopK = v }, "")
        .Add("moe_every", Whole(1), m => m.MoeEvery, (m, v) => m with { MoeEvery = v }, "")
        .Add("moe_ffn", Whole(1), m => m.MoeFfn, (m, v) => m with { MoeFfn = v }, "")
        .Add("shared_expert", Flag, m => m.SharedExpert, (m, v) => m with { SharedExpert = v }, "")
        .Add("shared_ffn", Whole(1), m => m.SharedFfn, (m, v) => m with { SharedFfn = v }, "")
        .Add("dense_layers", Whole(0), m => m.DenseLayers, (m, v) => m with { DenseLayers = v }, "")
        .Add("mla", Flag, m => m.Mla, (m, v) => m with { Mla = v }, "")
        .Add("q_lora", Whole(0), m => m.QLora, (m, v) => m with { QLora = v }, "")
        .Add("kv_lora", Whole(1), m => m.KvLora, (m, v) => m with { KvLora = v }, "")
        .Add("qk_nope", Whole(1), m => m.QkNope, (m, v) => m with { QkNope = v }, "")
        .Add("qk_rope", Whole(0), m => m.QkRope, (m, v) => m with { QkRope = v }, "")
        .Add("v_dim", Whole(1), m => m.VDim, (m, v) => m with { VDim = v }, "");

    private static OptionalFormat<int> Whole(int min) => new(YamlFormats.Integer(min));

    private static OptionalFormat<bool> Flag => new(YamlFormats.Boolean);
}
