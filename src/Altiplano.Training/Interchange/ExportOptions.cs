using Altiplano.Data.Tokenizers;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>Compares an export, read back from the disk, with the model that was exported.</summary>
/// <returns>Why the export is refused, with the numbers; null when it is right.</returns>
public delegate string? ExportVerifier(OpenedModel written);

/// <summary>How a model is exported.</summary>
public sealed record ExportOptions
{
    /// <summary>Element type of the weights: F32, F16, BF16, and for GGUF also Q8_0.</summary>
    public WeightType Type { get; init; } = WeightType.BF16;

    /// <summary>Whether an export that is already there is replaced, once the new one is complete.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Largest file of tensors in a Hugging Face folder, in bytes; a larger tensor gets a file of its own.</summary>
    public long MaxShardBytes { get; init; } = 5_000_000_000;

    /// <summary>The model's name inside a GGUF file.</summary>
    public string Name { get; init; } = "llama";

    /// <summary>
    /// Files copied into a Hugging Face folder: <c>tokenizer.json</c>, <c>tokenizer_config.json</c>,
    /// <c>special_tokens_map.json</c>.
    /// </summary>
    public IReadOnlyList<string> TokenizerFiles { get; init; } = [];

    /// <summary>The tokenizer put into a GGUF file; null for a model that only sees token ids.</summary>
    public GgufTokenizer? GgufTokenizer { get; init; }

    /// <summary>Whether the tokenizer comes from Meta's files, whose licence must then go with it.</summary>
    public bool IsTokenizerFromMeta { get; init; }

    /// <summary>Meta's licence of that tokenizer (<c>--tokenizer-license</c>).</summary>
    public string? TokenizerLicensePath { get; init; }

    /// <summary>Called on what was written before it gets its name.</summary>
    public ExportVerifier? Verify { get; init; }
}
