using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Layers;

namespace Altiplano.Training.Generation;

/// <summary>Continues a sequence of tokens, keeping keys and values of all that went before.</summary>
public sealed class TextGenerator : IDisposable
{
    private readonly InferenceModel _model;
    private readonly List<LayerCache> _caches;
    private float[] _logits = [];

    /// <param name="capacity">Tokens that the sequence may reach; at most the model's context.</param>
    public TextGenerator(InferenceModel model, int capacity)
    {
        _model = model;
        Capacity = capacity;
        _caches = [.. Enumerable.Range(0, model.Architecture.NumLayers)
            .Select(_ => new LayerCache(model.Engine, model.Architecture, model.Type, capacity))];
    }

    public int Capacity { get; }

    /// <summary>Tokens of the sequence so far.</summary>
    public int Count { get; private set; }

    /// <summary>Puts tokens behind the sequence; <see cref="Logits"/> then tell of the next one.</summary>
    /// <exception cref="ConfigException">They exceed the model's context or have ids outside the vocabulary.</exception>
    /// <exception cref="ShapeException">They exceed <see cref="Capacity"/>.</exception>
    public void Append(IReadOnlyList<int> tokens)
    {
        _model.CheckTokens(tokens, Count + tokens.Count);
        if (Count == 0)
        {
            Extend(tokens);
            return;
        }

        foreach (var token in tokens)
            Extend([token]);
    }

    /// <summary>Logits of the token that comes next, [V].</summary>
    public ReadOnlySpan<float> Logits => _logits;

    /// <summary>Draws tokens until one of <paramref name="stopIds"/>, which is not returned, or until so many.</summary>
    public IEnumerable<int> Continue(TokenSampler sampler, int maxTokens, IReadOnlyList<int> stopIds)
    {
        for (var i = 0; i < maxTokens && Count < Capacity; i++)
        {
            var token = sampler.Next(_logits);
            if (stopIds.Contains(token))
                yield break;
            yield return token;
            Extend([token]);
        }
    }

    public void Dispose() => _caches.ForEach(cache => cache.Dispose());

    private void Extend(IReadOnlyList<int> tokens)
    {
        var engine = _model.Engine;
        long[] ids = [.. tokens.Select(token => (long)token)];
        long[] positions = [.. Enumerable.Range(Count, ids.Length).Select(p => (long)p)];
        using var tokens_R = engine.Upload<long>(ScalarType.Int64, ids, ids.Length);
        using var positions_R = engine.Upload<long>(ScalarType.Int64, positions, ids.Length);
        using var logits_1V = _model.Model.Extend(tokens_R, positions_R, _caches);
        using var rounded_1V = engine.Empty(ScalarType.Float32, logits_1V.Shape);
        engine.Copy(rounded_1V, logits_1V);
        if (_logits.Length == 0)
            _logits = new float[rounded_1V.NumElements];
        engine.Download<float>(_logits, rounded_1V);
        Count += ids.Length;
    }
}
