using Altiplano.Planning.Architecture;

namespace Altiplano.Cli.Configuration;

/// <summary>What the keys of a model say: a dense Llama, and what makes it another kind of model.</summary>
internal sealed record ModelDescription
{
    private static readonly IReadOnlyDictionary<string, Evidence> Published = new Dictionary<string, Evidence>();

    public required string Name { get; init; }
    public string? Weights { get; init; }
    public required LlamaArchitecture Llama { get; init; }
    public bool IsMlpGated { get; init; } = true;
    public bool HasBiases { get; init; }
    public int LearnedPositions { get; init; }
    public MixtureShape? Mixture { get; init; }
    public LatentAttentionShape? LatentAttention { get; init; }
    public AttentionWindow? Window { get; init; }
    public VisionTower? Vision { get; init; }
    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = Published;
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>True where the trainer knows the model: none of the keys beside the Llama's is used.</summary>
    public bool IsDenseLlama => IsMlpGated && !HasBiases && LearnedPositions == 0
        && (Mixture, LatentAttention, Window, Vision) is (null, null, null, null);

    private TransformerShape Shape => TransformerShape.Of(Name, Llama) with
    {
        IsMlpGated = IsMlpGated,
        HasBiases = HasBiases,
        LearnedPositions = LearnedPositions,
        Mixture = Mixture,
        LatentAttention = LatentAttention,
        Window = Window,
        Vision = Vision,
        Evidence = Evidence,
    };

    /// <remarks>A shape without a Llama keeps nothing that a plan does not ask for: rotary base, epsilon, longest sequence.</remarks>
    public static ModelDescription Of(ModelSpec model)
    {
        var llama = model.IsDenseLlama ? model.Architecture : LlamaOf(model.Shape);
        var shape = model.Shape;
        return new ModelDescription
        {
            Name = model.Name, Weights = model.Weights, Llama = llama, IsMlpGated = shape.IsMlpGated, HasBiases = shape.HasBiases,
            LearnedPositions = shape.LearnedPositions, Mixture = shape.Mixture, LatentAttention = shape.LatentAttention,
            Window = shape.Window, Vision = shape.Vision, Evidence = shape.Evidence,
        };
    }

    public ModelSpec ToSpec()
    {
        if (!IsDenseLlama)
            return new ModelSpec { Name = Name, Weights = Weights, Shape = Shape };
        // A head size that follows from the width is written into the config, so that it reads back the same.
        var spec = new ModelSpec { Name = Name, Weights = Weights, Architecture = Llama with { HeadDim = Llama.HeadDim } };
        return Evidence.Count == 0 ? spec : spec with { Shape = Shape };
    }

    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = Llama.FindProblems(path);
        return problems.Count > 0 ? problems : Shape.FindProblems(path);
    }

    private static LlamaArchitecture LlamaOf(TransformerShape shape) => new()
    {
        VocabSize = shape.VocabSize, HiddenSize = shape.HiddenSize, IntermediateSize = shape.IntermediateSize, NumLayers = shape.NumLayers,
        NumAttentionHeads = shape.NumAttentionHeads, NumKeyValueHeads = shape.NumKeyValueHeads, HeadDim = shape.HeadDim,
        TieWordEmbeddings = shape.TieWordEmbeddings,
    };
}
