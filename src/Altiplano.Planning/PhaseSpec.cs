using Altiplano.Planning.Units;

namespace Altiplano.Planning;

/// <summary>A leading part of a run with a batch or a length of sequence of its own: a ramp, long context, annealing.</summary>
/// <param name="UntilTokens">Tokens of the whole run at which the phase ends; after the last phase the run's own batch holds.</param>
/// <param name="GlobalBatchTokens">Tokens of one optimizer step.</param>
/// <param name="SeqLen">Tokens of one sequence.</param>
public sealed record PhaseSpec(TokenCount UntilTokens, TokenCount GlobalBatchTokens, int SeqLen)
{
    /// <summary>Every reason why a run cannot have these phases, each prefixed with the path of its phase.</summary>
    public static IReadOnlyList<string> FindProblems(IReadOnlyList<PhaseSpec> phases, string path)
    {
        var problems = new List<string>();
        for (var i = 0; i < phases.Count; i++)
        {
            problems.AddRange(phases[i].FindProblems($"{path}[{i}]"));
            if (i > 0 && phases[i].UntilTokens <= phases[i - 1].UntilTokens)
            {
                problems.Add($"{path}[{i}].until_tokens is {phases[i].UntilTokens}, but phases follow one another, and the one before " +
                    $"ends at {phases[i - 1].UntilTokens}. Use more, or change the order.");
            }
        }

        return problems;
    }

    private IReadOnlyList<string> FindProblems(string path) =>
        new BatchSpec { GlobalBatchTokens = GlobalBatchTokens, SeqLen = SeqLen }.FindProblems(path);
}
