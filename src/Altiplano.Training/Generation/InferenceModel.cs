using Altiplano.Data.Tokenizers;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Interchange;
using Altiplano.Training.Layers;

namespace Altiplano.Training.Generation;

/// <summary>A model loaded to be asked, not trained: weights, and its tokenizer where it has one.</summary>
public sealed class InferenceModel : IDisposable
{
    /// <summary>Positions that most questions stay within; a model's longest sequence may be a thousand times that.</summary>
    private const int FirstPositions = 256;

    private readonly ParameterStore _parameters;

    /// <param name="source">Stays the caller's; its weights are copied.</param>
    /// <param name="type">fp32 or fp64: what the model computes in.</param>
    public InferenceModel(Engine engine, OpenedModel source, ScalarType type)
    {
        Engine = engine;
        Type = type;
        Config = source.Config;
        Tokenizer = source.LoadTokenizer();
        _parameters = new ParameterStore(engine, source.Architecture, type, withGradients: false);
        ModelWeights.Load(_parameters, source.Weights);
        Model = new LlamaModel(_parameters, new ModelOptions(FirstPositions));
    }

    public Engine Engine { get; }
    public ScalarType Type { get; }
    public HuggingFaceConfig Config { get; }

    /// <summary>Null for a model that only knows token ids.</summary>
    public Tokenizer? Tokenizer { get; }

    public LlamaModel Model { get; }
    public LlamaArchitecture Architecture => _parameters.Architecture;

    /// <summary>Tokens after which a text has ended.</summary>
    public IReadOnlyList<int> StopIds => Config.EosTokenIds.Count > 0 ? Config.EosTokenIds : Tokenizer?.StopIds ?? [];

    /// <summary>Opens a Hugging Face folder, a GGUF file, a checkpoint or a run folder.</summary>
    /// <exception cref="ConfigException">The path is no model.</exception>
    /// <exception cref="Checkpoints.CheckpointException">Its weights are damaged.</exception>
    public static InferenceModel Open(Engine engine, string path, ScalarType type)
    {
        using var source = ModelReader.Open(path);
        return new InferenceModel(engine, source, type);
    }

    /// <summary>Logits of every position, [R, V] in the accumulator type; the caller disposes it.</summary>
    /// <exception cref="ConfigException">There are no tokens, too many, or ids outside the vocabulary.</exception>
    public Tensor Logits(IReadOnlyList<int> tokens)
    {
        CheckTokens(tokens, tokens.Count);
        using var batch = Batch(tokens);
        return Model.Logits(batch);
    }

    /// <summary>-log p of each token after the first, in nats.</summary>
    /// <exception cref="ConfigException">There are fewer than two tokens, too many, or ids outside the vocabulary.</exception>
    public double[] Losses(IReadOnlyList<int> tokens)
    {
        CheckTokens(tokens, tokens.Count);
        using var batch = Batch(tokens);
        using var losses_R = Model.Losses(batch);
        var losses = new double[tokens.Count];
        Engine.Download<double>(losses, losses_R);
        return losses[..^1];
    }

    /// <exception cref="ConfigException">
    /// There are no tokens, <paramref name="length"/> exceeds the context, or an id is outside the vocabulary.
    /// </exception>
    public void CheckTokens(IReadOnlyList<int> tokens, int length)
    {
        if (tokens.Count == 0)
            throw new ConfigException("There are no tokens to read. Give at least one.");
        if (length > Architecture.MaxPositionEmbeddings)
        {
            throw new ConfigException(
                $"{length:N0} tokens are wanted, but the model's max_position_embeddings is " +
                $"{Architecture.MaxPositionEmbeddings:N0}. Use that many or fewer.");
        }

        for (var i = 0; i < tokens.Count; i++)
        {
            if ((uint)tokens[i] >= (uint)Architecture.VocabSize)
            {
                throw new ConfigException(
                    $"Token {i} is {tokens[i]}, but the model's vocabulary has {Architecture.VocabSize:N0} ids, " +
                    $"0 to {Architecture.VocabSize - 1}.");
            }
        }
    }

    public void Dispose()
    {
        Model.Dispose();
        _parameters.Dispose();
    }

    private PackedBatch Batch(IReadOnlyList<int> tokens)
    {
        long[] ids = [.. tokens.Select(token => (long)token)];
        return new PackedBatch(Engine, ids, [.. ids.Skip(1), LossOperators.IgnoredTarget], [new Segment(0, ids.Length)]);
    }
}
