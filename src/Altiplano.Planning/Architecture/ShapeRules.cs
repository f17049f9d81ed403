namespace Altiplano.Planning.Architecture;

/// <summary>What holds between the sizes of any model.</summary>
internal static class ShapeRules
{
    public static IReadOnlyList<string> FindProblems(TransformerShape shape, string path)
    {
        var problems = new ProblemList(path);
        foreach (var (name, value) in new[]
        {
            ("vocab_size", shape.VocabSize), ("hidden_size", shape.HiddenSize), ("intermediate_size", shape.IntermediateSize),
            ("num_hidden_layers", shape.NumLayers), ("num_attention_heads", shape.NumAttentionHeads),
            ("num_key_value_heads", shape.NumKeyValueHeads), ("head_dim", shape.HeadDim),
        })
        {
            problems.Require(value > 0, name, value, "it must be 1 or more.");
        }

        problems.RequireNotNegative(shape.LearnedPositions, "learned_positions", shape.LearnedPositions);
        if (problems.Problems.Count > 0)
            return problems.Problems;
        problems.AddRange(FindHeadProblems(shape.NumAttentionHeads, shape.NumKeyValueHeads, path));
        if (shape.Mixture is { } mixture)
            problems.AddRange(FindProblems(mixture, shape.NumLayers, problems.PathOf("mixture")));
        if (shape.LatentAttention is { } latent)
            problems.AddRange(FindProblems(latent, problems.PathOf("latent_attention")));
        if (shape.Window is { } window)
            problems.AddRange(FindProblems(window, problems.PathOf("window")));
        if (shape.Vision is { } vision)
            problems.AddRange(FindProblems(vision, problems.PathOf("vision")));
        return problems.Problems;
    }

    /// <summary>Whether query heads can share key and value heads evenly.</summary>
    public static IReadOnlyList<string> FindHeadProblems(int queryHeads, int keyValueHeads, string path)
    {
        var problems = new ProblemList(path);
        problems.Require(
            queryHeads % keyValueHeads == 0, "num_key_value_heads", keyValueHeads,
            $"the {queryHeads} query heads must share them evenly. Use {string.Join(", ", Divisors(queryHeads))}.");
        return problems.Problems;
    }

    public static IReadOnlyList<string> FindProblems(MixtureShape mixture, int numLayers, string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(mixture.NumExperts, "num_experts", mixture.NumExperts);
        problems.Require(
            mixture.TopK >= 1 && mixture.TopK <= mixture.NumExperts, "top_k", mixture.TopK,
            $"a token visits at least one of the {mixture.NumExperts} experts, and none twice. Use 1 to {mixture.NumExperts}.");
        problems.RequirePositive(mixture.ExpertIntermediateSize, "expert_intermediate_size", mixture.ExpertIntermediateSize);
        problems.RequireNotNegative(mixture.SharedIntermediateSize, "shared_intermediate_size", mixture.SharedIntermediateSize);
        problems.Require(
            mixture.Interleave >= 1 && mixture.Interleave <= numLayers, "interleave", mixture.Interleave,
            $"one layer of so many has experts, and there are {numLayers} layers. Use 1 to {numLayers}.");
        problems.Require(
            mixture.NumDenseLayers >= 0 && mixture.NumDenseLayers < numLayers, "num_dense_layers", mixture.NumDenseLayers,
            $"some layer must have experts, and there are {numLayers} layers. Use 0 to {numLayers - 1}.");
        return problems.Problems;
    }

    private static IReadOnlyList<string> FindProblems(LatentAttentionShape latent, string path)
    {
        var problems = new ProblemList(path);
        problems.RequireNotNegative(latent.QueryRank, "q_lora_rank", latent.QueryRank);
        problems.RequirePositive(latent.KeyValueRank, "kv_lora_rank", latent.KeyValueRank);
        problems.RequirePositive(latent.NopeHeadDim, "qk_nope_head_dim", latent.NopeHeadDim);
        problems.RequireNotNegative(latent.RopeHeadDim, "qk_rope_head_dim", latent.RopeHeadDim);
        problems.RequirePositive(latent.ValueHeadDim, "v_head_dim", latent.ValueHeadDim);
        return problems.Problems;
    }

    private static IReadOnlyList<string> FindProblems(AttentionWindow window, string path)
    {
        var problems = new ProblemList(path);
        problems.RequirePositive(window.Tokens, "tokens", window.Tokens);
        problems.RequireNotNegative(window.FullEvery, "full_every", window.FullEvery);
        return problems.Problems;
    }

    private static IReadOnlyList<string> FindProblems(VisionTower vision, string path)
    {
        var problems = new ProblemList(path);
        foreach (var (name, value) in new[]
        {
            ("num_hidden_layers", vision.NumLayers), ("hidden_size", vision.HiddenSize), ("intermediate_size", vision.IntermediateSize),
            ("num_attention_heads", vision.NumAttentionHeads), ("tokens_per_image", vision.TokensPerImage),
            ("decoder_tokens_per_image", vision.DecoderTokensPerImage),
        })
        {
            problems.Require(value > 0, name, value, "it must be 1 or more.");
        }

        problems.Require(
            vision.NumAttentionHeads < 1 || vision.HiddenSize % vision.NumAttentionHeads == 0, "num_attention_heads",
            vision.NumAttentionHeads,
            $"each head takes a whole part of hidden_size, which is {vision.HiddenSize}.");
        problems.Require(
            vision.ImageTokenShare is >= 0 and < 1, "image_token_share", vision.ImageTokenShare,
            "it is a share of all tokens. Use 0 (no images) up to, but not, 1.");
        return problems.Problems;
    }

    private static IEnumerable<int> Divisors(int n) => Enumerable.Range(1, n).Where(d => n % d == 0);
}
