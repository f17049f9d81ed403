using Altiplano.Data.Tokenizers;
using Altiplano.Planning.Architecture;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>A model's shape, token ids, tokenizer and weights, wherever they came from; the weights match the shape.</summary>
public sealed class OpenedModel : IDisposable
{
    /// <summary>The file, folder or checkpoint that was opened.</summary>
    public required string Path { get; init; }

    public required HuggingFaceConfig Config { get; init; }

    public required IWeightSource Weights { get; init; }

    /// <summary>Path of a <c>tokenizer.json</c> that goes with the model; null when there is none.</summary>
    public string? TokenizerPath { get; init; }

    /// <summary>The tokenizer inside a GGUF file; null when there is none.</summary>
    public GgufTokenizer? GgufTokenizer { get; init; }

    /// <summary>What the user should hear about the choice of checkpoint; else null.</summary>
    public string? Warning { get; init; }

    /// <summary>The tokenizer of the folder or from inside the GGUF file; null when the model has none.</summary>
    /// <exception cref="Data.DataFormatException">There is one and it cannot be read.</exception>
    public Tokenizer? LoadTokenizer() => TokenizerPath is { } path ? Tokenizer.Load(path) : GgufTokenizer?.ToTokenizer(Path);

    public LlamaArchitecture Architecture => Config.Architecture;

    public void Dispose() => Weights.Dispose();
}
