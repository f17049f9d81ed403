using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Interchange;

namespace Altiplano.Training.Generation;

/// <summary>Refuses an export whose logits are not those of the model that was exported.</summary>
/// <param name="original">The model, in the precision that it is compared in.</param>
/// <param name="tolerance">Largest difference of a logit over the largest logit; 0 for types that lose nothing.</param>
public sealed class LogitsRoundTrip(InferenceModel original, double tolerance)
{
    private const int NumTokens = 16;

    /// <returns>Why the export is refused, with the numbers; null when it is right.</returns>
    public string? FindProblem(OpenedModel written)
    {
        if (written.Architecture != original.Architecture)
            return $"it reads back as another model: {written.Architecture.DescribeDifference(original.Architecture)}.";
        using var reread = new InferenceModel(original.Engine, written, original.Type);
        var (expected, actual) = (LogitsOf(original), LogitsOf(reread));
        var scale = expected.Max(Math.Abs);
        var (difference, place) = expected.Select((logit, i) => (Math.Abs(logit - actual[i]), i)).Max();
        if (difference <= tolerance * scale)
            return null;
        var (position, id) = (place / original.Architecture.VocabSize, place % original.Architecture.VocabSize);
        return $"logit {id} of position {position} is {actual[place]:R}, the model's is {expected[place]:R}; " +
            $"a difference of {tolerance * scale:G3} was allowed.";
    }

    /// <summary>Tokens spread over the vocabulary.</summary>
    private static double[] LogitsOf(InferenceModel model)
    {
        var (vocabSize, count) = (model.Architecture.VocabSize, Math.Min(NumTokens, model.Architecture.MaxPositionEmbeddings));
        using var logits_RV = model.Logits([.. Enumerable.Range(0, count).Select(i => (int)((1 + i * 7919L) % vocabSize))]);
        using var exact_RV = model.Engine.Empty(ScalarType.Float64, logits_RV.Shape);
        model.Engine.Copy(exact_RV, logits_RV);
        var logits = new double[exact_RV.NumElements];
        model.Engine.Download<double>(logits, exact_RV);
        return logits;
    }
}
