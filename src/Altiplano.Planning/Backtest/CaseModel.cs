using Altiplano.Planning.Architecture;

namespace Altiplano.Planning.Backtest;

/// <summary>The model of a case as a <see cref="TransformerShape"/>.</summary>
internal static class CaseModel
{
    public static TransformerShape Map(PublishedModel model, int seqLen, CaseProblems problems)
    {
        var hidden = problems.Require(model.Hidden, "model.hidden", "The model width");
        var heads = problems.Require(model.Heads, "model.heads", "The number of query heads");
        var ffn = problems.Require(model.Ffn, "model.ffn", "The width of the feed-forward part");
        var isGated = model.GatedMlp ?? ffn != 4 * (long)hidden;
        var shape = new TransformerShape
        {
            Name = model.Name,
            VocabSize = problems.Require(model.Vocab, "model.vocab", "The size of the vocabulary"),
            HiddenSize = hidden,
            NumLayers = problems.Require(model.Layers, "model.layers", "The number of decoder layers"),
            NumAttentionHeads = heads,
            NumKeyValueHeads = model.KvHeads ?? heads,
            IntermediateSize = ffn,
            IsMlpGated = isGated,
            TieWordEmbeddings = model.Tied ?? !isGated,
            HasBiases = !isGated,
            LearnedPositions = model.LearnedPosEmb is true ? seqLen : 0,
            Mixture = Mixture(model, ffn, problems),
            LatentAttention = LatentAttention(model, problems),
        };
        FindProblems(model, shape, problems);
        return shape.LatentAttention is { } latent ? shape with { HeadDim = latent.NopeHeadDim + latent.RopeHeadDim }
            : model.HeadDim is { } headDim ? shape with { HeadDim = headDim } : shape;
    }

    private static void FindProblems(PublishedModel model, TransformerShape shape, CaseProblems problems)
    {
        var (hidden, heads, kvHeads) = (shape.HiddenSize, shape.NumAttentionHeads, shape.NumKeyValueHeads);
        problems.RefuseUnless(model.Hidden is null || model.Heads is null || model.HeadDim is not null || model.Mla is true || hidden % heads == 0,
            $"model.hidden is {hidden}, which does not divide by the {heads} heads. Give model.head_dim.",
            "model.head_dim", "model.mla");
        problems.RefuseUnless(model.Heads is null || heads % kvHeads == 0,
            $"model.kv_heads is {kvHeads}, but the {heads} query heads must divide by it.",
            "model.kv_heads");
        if (shape.Mixture is not { } mixture)
            return;
        problems.RefuseUnless(model.TopK is not 0, $"model.topk is 0, but a layer has {mixture.NumExperts} experts. Each token visits 1 of them or more.");
        problems.RefuseUnless(mixture.TopK <= mixture.NumExperts,
            $"model.topk is {mixture.TopK}, but a layer has {mixture.NumExperts} experts. Each token visits at most all of them.");
        problems.RefuseUnless(model.Layers is null || mixture.NumDenseLayers <= shape.NumLayers,
            $"model.dense_layers is {mixture.NumDenseLayers}, but the model has {shape.NumLayers} layers.");
    }

    private static MixtureShape? Mixture(PublishedModel model, int ffn, CaseProblems problems)
    {
        if (model.Experts is not > 1)
            return null;
        var expertFfn = model.MoeFfn ?? ffn;
        return new MixtureShape(
            model.Experts.Value,
            problems.Require(model.TopK, "model.topk", "The number of experts that each token visits"),
            expertFfn,
            model.SharedFfn ?? (model.SharedExpert is true ? expertFfn : 0),
            model.MoeEvery ?? 1,
            model.DenseLayers ?? 0);
    }

    private static LatentAttentionShape? LatentAttention(PublishedModel model, CaseProblems problems) => model.Mla is not true ? null : new(
        model.QLora ?? 0,
        problems.Require(model.KvLora, "model.kv_lora", "With model.mla the width of the compressed keys and values"),
        problems.Require(model.QkNope, "model.qk_nope", "With model.mla the part of a head without rotary embedding"),
        problems.Require(model.QkRope, "model.qk_rope", "With model.mla the part of a head with rotary embedding"),
        problems.Require(model.VDim, "model.v_dim", "With model.mla the size of a value head"));
}
