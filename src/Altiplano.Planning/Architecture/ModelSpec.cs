namespace Altiplano.Planning.Architecture;

/// <summary>The model of a run: its shape, what to call it, and the weights it starts from.</summary>
public sealed record ModelSpec
{
    /// <summary>Why a model that the trainer does not know is refused, as it follows "but".</summary>
    internal const string OnlyPlanned =
        "it is neither a dense Llama nor the text model of a Llama 4: it can be planned, but not trained, imported or exported. Use one of these.";

    private readonly LlamaArchitecture? _architecture;

    /// <summary>A preset's name, or a name for a model that the run file describes.</summary>
    public required string Name { get; init; }

    /// <summary>True for a dense Llama, which every verb knows.</summary>
    public bool IsDenseLlama => _architecture is { IsDenseLlama: true };

    /// <summary>True where there is an <see cref="Architecture"/>: for a dense Llama and for the text model of a Llama 4.</summary>
    public bool IsTrainable => _architecture is not null;

    /// <summary>The text model that is trained.</summary>
    /// <exception cref="ConfigException">The model is of a kind that can be planned but not trained.</exception>
    public LlamaArchitecture Architecture
    {
        get => _architecture ?? throw new ConfigException(
            $"model is {Name}, but {OnlyPlanned}");
        init => _architecture = value;
    }

    /// <summary>What a plan reads; follows from <see cref="Architecture"/> unless given.</summary>
    public TransformerShape Shape { get => field ?? TransformerShape.Of(Name, Architecture); init; }

    /// <summary>A Hugging Face folder whose weights training starts from; null for freshly initialised weights.</summary>
    public string? Weights { get; init; }

    public override string ToString() => Name;
}
