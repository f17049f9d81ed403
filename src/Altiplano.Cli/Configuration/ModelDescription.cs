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
    public bool HasQkNorm { get; init; }
    public AttentionTemperature? Temperature { get; init; }
    public IReadOnlyDictionary<string, Evidence> Evidence { get; init; } = Published;
    public IReadOnlyList<string> Sources { get; init; } = [];

    private bool IsLlamaLike => IsMlpGated && !HasBiases && LearnedPositions == 0 && LatentAttention is null;

    /// <summary>True where none of the keys beside the Llama's is used.</summary>
    private bool IsDenseLlama => IsLlamaLike && (Mixture, Window, Vision) is (null, null, null);

    /// <summary>Only Llama 4 attends within chunks and has a mixture with an expert that every token visits; images enter as tokens.</summary>
    private bool IsLlama4 => IsLlamaLike && Window is { IsChunked: true } && Mixture is { SharedIntermediateSize: > 0 };

    /// <summary>What the trainer knows of the model, for a Llama 4 its text model; null where that is nothing.</summary>
    private LlamaArchitecture? Architecture
    {
        get
        {
            // A head size that follows from the width is written into the config, so that it reads back the same.
            var llama = Llama with { HeadDim = Llama.HeadDim };
            if (IsDenseLlama)
                return llama;
            return IsLlama4
                ? llama with { Mixture = Mixture, Attention = new Llama4Attention(Window!.Tokens, Window.FullEvery, HasQkNorm, Temperature) }
                : null;
        }
    }

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
        var llama = model.IsTrainable ? model.Architecture : LlamaOf(model.Shape);
        var shape = model.Shape;
        return new ModelDescription
        {
            Name = model.Name, Weights = model.Weights, Llama = llama with { Mixture = null, Attention = null },
            IsMlpGated = shape.IsMlpGated, HasBiases = shape.HasBiases,
            LearnedPositions = shape.LearnedPositions, Mixture = shape.Mixture, LatentAttention = shape.LatentAttention,
            Window = shape.Window, Vision = shape.Vision, Evidence = shape.Evidence, HasQkNorm = llama.Attention?.HasQkNorm ?? false,
            Temperature = llama.Attention?.Temperature,
        };
    }

    public ModelSpec ToSpec()
    {
        if (Architecture is not { } architecture)
            return new ModelSpec { Name = Name, Weights = Weights, Shape = Shape };
        var spec = new ModelSpec { Name = Name, Weights = Weights, Architecture = architecture };
        return Evidence.Count == 0 && Vision is null ? spec : spec with { Shape = Shape };
    }

    public IReadOnlyList<string> FindProblems(string path)
    {
        var problems = Llama.FindProblems(path);
        if (problems.Count == 0)
            problems = Shape.FindProblems(path);
        return problems.Count > 0 || IsLlama4 ? problems : [.. FindLlama4Keys(path)];
    }

    private IEnumerable<string> FindLlama4Keys(string path)
    {
        var prefix = path.Length == 0 ? "" : $"{path}.";
        const string Rule = "only Llama 4's attention has it. Give a window with chunked: true, or leave it out.";
        if (HasQkNorm)
            yield return $"{prefix}use_qk_norm is true, but {Rule}";
        if (Temperature is not null)
            yield return $"{prefix}attn_temperature_tuning is given, but {Rule}";
    }

    private static LlamaArchitecture LlamaOf(TransformerShape shape) => new()
    {
        VocabSize = shape.VocabSize, HiddenSize = shape.HiddenSize, IntermediateSize = shape.IntermediateSize, NumLayers = shape.NumLayers,
        NumAttentionHeads = shape.NumAttentionHeads, NumKeyValueHeads = shape.NumKeyValueHeads, HeadDim = shape.HeadDim,
        TieWordEmbeddings = shape.TieWordEmbeddings,
    };
}
