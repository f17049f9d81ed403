namespace Altiplano.Planning.Backtest;

/// <summary>The keys of a case's <c>model</c>.</summary>
internal static class ModelKeys
{
    public static IEnumerable<CaseKey> All() => [.. Shape(), .. Mixture(), .. LatentAttention(), .. ForReaders()];

    private static IEnumerable<CaseKey> Shape() =>
    [
        CaseKey.Remark("model.name", "What the source calls the model.", (r, v) => r with { Model = r.Model with { Name = v } }),
        Whole("layers", CaseKey.Required, "Decoder layers.", (m, v) => m with { Layers = v }),
        Whole("hidden", CaseKey.Required, "Model width.", (m, v) => m with { Hidden = v }),
        Whole("heads", CaseKey.Required, "Query heads.", (m, v) => m with { Heads = v }),
        Whole("kv_heads", "heads", "Key and value heads.", (m, v) => m with { KvHeads = v }),
        Whole("head_dim", "hidden / heads", "Size of one head.", (m, v) => m with { HeadDim = v }),
        Whole("ffn", CaseKey.Required, "Width of the feed-forward part; of one expert where moe_ffn is absent.", (m, v) => m with { Ffn = v }),
        Whole("vocab", CaseKey.Required, "Rows of the embedding, padding included.", (m, v) => m with { Vocab = v }),
        Flag("gated_mlp", "true unless ffn is 4 x hidden", "Three matrices (gate, up, down) instead of two.", (m, v) => m with { GatedMlp = v }),
        Flag("tied", "true where the feed-forward part is not gated", "Embedding and head share their weights.", (m, v) => m with { Tied = v }),
        Flag("learned_pos_emb", "false", "A learned position embedding of seq rows.", (m, v) => m with { LearnedPosEmb = v }),
    ];

    private static IEnumerable<CaseKey> Mixture() =>
    [
        Whole("experts", "none", "Routed experts of a layer; absent, null, 0 or 1 is a dense model.", (m, v) => m with { Experts = v }, least: 0),
        Whole("topk", "required where there are experts", "Routed experts that each token visits.", (m, v) => m with { TopK = v }, least: 0),
        Whole("moe_every", "1", "Every how many layers a mixture comes.", (m, v) => m with { MoeEvery = v }),
        Whole("moe_ffn", "ffn", "Width of one routed expert.", (m, v) => m with { MoeFfn = v }),
        Flag("shared_expert", "false", "There is an expert that every token visits.", (m, v) => m with { SharedExpert = v }),
        Whole("shared_ffn", "moe_ffn where shared_expert is true", "Width of the shared experts together.", (m, v) => m with { SharedFfn = v }, least: 0),
        Whole("dense_layers", "0", "Leading layers without experts, of width ffn.", (m, v) => m with { DenseLayers = v }, least: 0),
    ];

    private static IEnumerable<CaseKey> LatentAttention() =>
    [
        Flag("mla", "false", "Multi-head latent attention; the five keys below belong to it.", (m, v) => m with { Mla = v }),
        Whole("q_lora", "0", "Width of the compressed query; 0 for a plain projection.", (m, v) => m with { QLora = v }, least: 0),
        Whole("kv_lora", "required where mla is true", "Width of the compressed keys and values.", (m, v) => m with { KvLora = v }),
        Whole("qk_nope", "required where mla is true", "Part of a head without rotary embedding.", (m, v) => m with { QkNope = v }),
        Whole("qk_rope", "required where mla is true", "Part of a head with rotary embedding.", (m, v) => m with { QkRope = v }, least: 0),
        Whole("v_dim", "required where mla is true", "Size of a value head.", (m, v) => m with { VDim = v }),
    ];

    private static IEnumerable<CaseKey> ForReaders() =>
    [
        CaseKey.Unused("model.params", "All parameters; counted from the shape instead."),
        CaseKey.Unused("model.params_active", "Parameters that a token visits; counted from the shape instead."),
    ];

    private static CaseKey Whole(string name, string fallback, string doc, Func<PublishedModel, int, PublishedModel> with, int least = 1) =>
        CaseKey.Whole($"model.{name}", "", fallback, doc, (run, value) => run with { Model = with(run.Model, value) }, least);

    private static CaseKey Flag(string name, string fallback, string doc, Func<PublishedModel, bool, PublishedModel> with) =>
        CaseKey.Flag($"model.{name}", fallback, doc, (run, value) => run with { Model = with(run.Model, value) });
}
