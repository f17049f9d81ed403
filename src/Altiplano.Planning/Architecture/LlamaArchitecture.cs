namespace Altiplano.Planning.Architecture;

/// <summary>The shape of a Llama's text model, dense or a mixture of experts: everything that its weights and its arithmetic follow from.</summary>
/// <remarks>Names are those of Hugging Face's <c>config.json</c>. Sizes count elements; there are no biases anywhere.</remarks>
public sealed record LlamaArchitecture
{
    public required int VocabSize { get; init; }
    public required int HiddenSize { get; init; }
    public required int IntermediateSize { get; init; }
    public required int NumLayers { get; init; }
    public required int NumAttentionHeads { get; init; }
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Size of one head; hidden size / heads unless given.</summary>
    public int HeadDim
    {
        get => field != 0 ? field : NumAttentionHeads == 0 ? 0 : HiddenSize / NumAttentionHeads;
        init;
    }

    public double RopeTheta { get; init; } = 500_000;
    public RopeScaling? RopeScaling { get; init; }
    public double RmsNormEps { get; init; } = 1e-5;
    public bool TieWordEmbeddings { get; init; }
    public int MaxPositionEmbeddings { get; init; } = 8192;

    /// <summary>What is in place of some layers' feed-forward part, with Llama 4's router; null where every layer is dense.</summary>
    public MixtureShape? Mixture { get; init; }

    /// <summary>Llama 4's rules of attention; null for Llama 3's: every layer turns its heads by halves and sees its whole document.</summary>
    public Llama4Attention? Attention { get; init; }

    /// <summary>True where every layer is dense and attends as Llama 3 does.</summary>
    public bool IsDenseLlama => Mixture is null && Attention is null;

    public long NumParameters => ParameterTable.Of(this).NumParameters;

    /// <summary>Rotary frequency of each pair of a head's elements, in radians a token; head size / 2 of them.</summary>
    public double[] RotaryFrequencies()
    {
        var frequencies = new double[HeadDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var plain = Math.Pow(RopeTheta, -2.0 * i / HeadDim);
            frequencies[i] = RopeScaling?.Apply(plain) ?? plain;
        }

        return frequencies;
    }

    /// <summary>True where a layer's feed-forward part is a mixture of experts.</summary>
    public bool IsMixtureLayer(int layer) => Mixture?.IsMixtureLayer(layer) ?? false;

    private (int, int, int, int, int, int, int, double, RopeScaling?, double, bool, int, MixtureShape?, Llama4Attention?) Identity => (
        VocabSize, HiddenSize, IntermediateSize, NumLayers, NumAttentionHeads, NumKeyValueHeads, HeadDim, RopeTheta, RopeScaling,
        RmsNormEps, TieWordEmbeddings, MaxPositionEmbeddings, Mixture, Attention);

    /// <summary>Equal shapes, whether the head size was given or follows from the others.</summary>
    public bool Equals(LlamaArchitecture? other) => other is not null && Identity == other.Identity;

    public override int GetHashCode() => Identity.GetHashCode();

    /// <summary>What differs from another shape, for messages: <c>hidden_size is 256, not 128</c>.</summary>
    public string DescribeDifference(LlamaArchitecture other) => string.Join("; ", new (string Name, object? Mine, object? Other)[]
    {
        ("vocab_size", VocabSize, other.VocabSize), ("hidden_size", HiddenSize, other.HiddenSize),
        ("intermediate_size", IntermediateSize, other.IntermediateSize), ("num_hidden_layers", NumLayers, other.NumLayers),
        ("num_attention_heads", NumAttentionHeads, other.NumAttentionHeads),
        ("num_key_value_heads", NumKeyValueHeads, other.NumKeyValueHeads), ("head_dim", HeadDim, other.HeadDim),
        ("rope_theta", RopeTheta, other.RopeTheta), ("rope_scaling", RopeScaling, other.RopeScaling),
        ("rms_norm_eps", RmsNormEps, other.RmsNormEps), ("tie_word_embeddings", TieWordEmbeddings, other.TieWordEmbeddings),
        ("max_position_embeddings", MaxPositionEmbeddings, other.MaxPositionEmbeddings), ("mixture", Mixture, other.Mixture),
        ("attention", Attention, other.Attention),
    }.Where(field => !Equals(field.Mine, field.Other)).Select(field => $"{field.Name} is {field.Mine ?? "absent"}, not {field.Other ?? "absent"}"));

    /// <summary>
    /// Every reason why no model can have this shape, each prefixed with <paramref name="path"/>; empty when it can.
    /// </summary>
    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = new ProblemList(path);
        foreach (var (name, value) in new[]
        {
            ("vocab_size", VocabSize), ("hidden_size", HiddenSize), ("intermediate_size", IntermediateSize),
            ("num_hidden_layers", NumLayers), ("num_attention_heads", NumAttentionHeads),
            ("num_key_value_heads", NumKeyValueHeads), ("head_dim", HeadDim), ("max_position_embeddings", MaxPositionEmbeddings),
        })
        {
            problems.Require(value > 0, name, value, "it must be 1 or more.");
        }

        if (problems.Problems.Count > 0)
            return problems.Problems;
        problems.AddRange(ShapeRules.FindHeadProblems(NumAttentionHeads, NumKeyValueHeads, path));
        problems.Require(
            HeadDim % 2 == 0, "head_dim", HeadDim, "rotary embedding turns pairs of elements. Use an even size.");
        problems.Require(RopeTheta > 0, "rope_theta", RopeTheta, "it must be positive. Llama 3 uses 500000.");
        problems.Require(RmsNormEps >= 0, "rms_norm_eps", RmsNormEps, "it must be 0 or more. Llama 3 uses 1e-5.");
        FindLlama4Problems(problems);
        return problems.Problems;
    }

    private void FindLlama4Problems(ProblemList problems)
    {
        if (Attention is { } attention)
            problems.AddRange(attention.FindProblems(problems.PathOf("attention")));
        problems.Require(
            (Mixture is null) == (Attention is null), Mixture is null ? "mixture" : "attention", "absent",
            "the rest is of a Llama 4, which has both a mixture of experts and its own rules of attention. Give both, or neither.");
        if (Mixture is not { } mixture)
            return;
        problems.AddRange(ShapeRules.FindProblems(mixture, NumLayers, problems.PathOf("mixture")));
        problems.Require(
            mixture.SharedIntermediateSize > 0, "mixture.shared_intermediate_size", mixture.SharedIntermediateSize,
            "only Llama 4's mixtures are trained, which have an expert that every token visits. Use its width.");
    }
}
