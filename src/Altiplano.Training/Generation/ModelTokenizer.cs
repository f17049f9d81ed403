using Altiplano.Data.Tokenizers;
using Altiplano.Training.Interchange;

namespace Altiplano.Training.Generation;

/// <summary>The tokenizer that goes with a model, from its folder or from inside its GGUF file, and the way back into one.</summary>
public static class ModelTokenizer
{
    /// <summary>The model's tokenizer; null when it has none.</summary>
    /// <exception cref="Data.DataFormatException">There is one and it cannot be read.</exception>
    public static Tokenizer? Of(OpenedModel model)
    {
        if (model.TokenizerPath is { } path)
            return Tokenizer.Load(path);
        return model.GgufTokenizer is { } gguf
            ? new GgufVocabulary("gpt2", gguf.Pre, gguf.Tokens, gguf.Types, gguf.Merges, gguf.Bos, gguf.Eos, gguf.Eot, null)
                .ToTokenizer(model.Path)
            : null;
    }

    /// <summary>The tokenizer as a GGUF file carries it; ids that the model has beyond it are marked unused.</summary>
    public static GgufTokenizer ForGguf(Tokenizer tokenizer, int vocabSize)
    {
        const int Unused = 5;
        var vocabulary = GgufVocabulary.Of(tokenizer);
        var padding = Enumerable.Range(tokenizer.VocabSize, Math.Max(0, vocabSize - tokenizer.VocabSize)).ToList();
        return new GgufTokenizer(
            vocabulary.Pre, [.. vocabulary.Tokens, .. padding.Select(id => $"<|unused_{id}|>")],
            [.. vocabulary.TokenTypes, .. padding.Select(_ => Unused)], vocabulary.Merges,
            vocabulary.BosId, vocabulary.EosId, vocabulary.EotId, null, AddBos: vocabulary.BosId is not null,
            ChatFormat.For(tokenizer)?.Template);
    }
}
