using Altiplano.Planning.Architecture;
using Altiplano.Planning.Units;

namespace Altiplano.Cli.Plans;

/// <summary>The batch where none is given: what published runs of models of a size use, grown until every GPU has work.</summary>
internal static class DefaultBatch
{
    private const long Mi = 1L << 20;
    private const long Most = 64 * Mi;

    /// <summary>A published run of any size has at least one sequence a step for so many GPUs (Llama 3 405B: 2,048 for 16,384).</summary>
    private const int GpusPerSequence = 8;

    /// <summary>Parameters below which models are trained with such batches: GPT-3 and Llama 1 to 3.</summary>
    private static readonly (double Parameters, long Least, long Usual)[] Recipes =
        [(1e10, Mi / 2, 4 * Mi), (5e11, 4 * Mi, 16 * Mi), (double.PositiveInfinity, 16 * Mi, 16 * Mi)];

    /// <summary>What stands in where nothing is known of the model, since it has problems of its own.</summary>
    public static TokenCount Blank { get; } = new(4 * Mi);

    /// <summary>Tokens of a step.</summary>
    public static TokenCount For(TransformerShape model, int seqLen, long gpus)
    {
        var parameters = new ShapeParameters(model).Total;
        var (_, tokens, usual) = Recipes.First(recipe => parameters < recipe.Parameters);
        while (tokens < usual && tokens / seqLen < gpus)
            tokens *= 2;
        while (tokens < Most && tokens / seqLen < gpus / GpusPerSequence)
            tokens *= 2;
        return new TokenCount(Math.Max(tokens, seqLen));
    }

    /// <summary>What the reader is told of it.</summary>
    public static string Note(TokenCount tokens) =>
        $"Assumes a batch of {PlanWords.Count(tokens.Value)} tokens, as published runs of such models on so many GPUs have. --global-batch-tokens gives another.";
}
