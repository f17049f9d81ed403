using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Training.Generation;

/// <summary>Refuses an export whose logits are not those of the model that was exported.</summary>
/// <param name="original">The model; asked as it is, and with its weights rounded as the export stores them.</param>
/// <param name="storedType">The type that the export stores a parameter in.</param>
/// <param name="price">What the rounding may change a logit by, over the largest logit.</param>
/// <remarks>
/// What is read back has the rounded weights bit for bit, so it must have their logits: a wrong order of rows shows in every
/// type, however coarse.
/// </remarks>
public sealed class LogitsRoundTrip(
    Engine engine, OpenedModel original, Func<ParameterSpec, WeightType> storedType, double price)
{
    private const int NumTokens = 16;

    /// <summary>Largest difference of two models of the same weights, over the largest logit.</summary>
    private const double SameWeights = 1e-5;

    private readonly double[] _exact = LogitsOf(engine, original);
    private readonly double[] _rounded = LogitsOf(engine, Rounded(original, storedType));

    /// <returns>Why the export is refused, with the numbers; null when it is right.</returns>
    public string? FindProblem(OpenedModel written)
    {
        if (written.Architecture != original.Architecture)
            return $"it reads back as another model: {written.Architecture.DescribeDifference(original.Architecture)}.";
        return Compare(_rounded, _exact, price) ?? Compare(LogitsOf(engine, written), _rounded, SameWeights);
    }

    private string? Compare(double[] actual, double[] expected, double tolerance)
    {
        var allowed = tolerance * expected.Max(Math.Abs);
        var (difference, place) = expected.Select((logit, i) => (Math.Abs(logit - actual[i]), i)).Max();
        if (difference <= allowed)
            return null;
        var (position, id) = Math.DivRem(place, original.Architecture.VocabSize);
        return $"logit {id} of position {position} is {actual[place]:R}, the model's is {expected[place]:R}; " +
            $"a difference of {allowed:G3} was allowed.";
    }

    private static OpenedModel Rounded(OpenedModel model, Func<ParameterSpec, WeightType> storedType) => new()
    {
        Path = model.Path,
        Config = model.Config,
        Weights = new RoundedWeights(model.Weights, model.Architecture, storedType),
    };

    /// <summary>Logits after tokens spread over the vocabulary.</summary>
    private static double[] LogitsOf(Engine engine, OpenedModel source)
    {
        using var model = new InferenceModel(engine, source, ScalarType.Float32);
        var (vocabSize, count) = (source.Architecture.VocabSize, Math.Min(NumTokens, source.Architecture.MaxPositionEmbeddings));
        using var logits_RV = model.Logits([.. Enumerable.Range(0, count).Select(i => (int)((1 + i * 7919L) % vocabSize))]);
        return engine.ReadDoubles(logits_RV);
    }
}
