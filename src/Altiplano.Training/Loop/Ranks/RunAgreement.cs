using System.IO.Hashing;
using System.Text;
using Altiplano.Distributed;
using Altiplano.Planning;

namespace Altiplano.Training.Loop.Ranks;

/// <summary>Something that must be the same on every rank before a run starts.</summary>
/// <param name="What">Begins the message, as in <c>The run file</c>.</param>
/// <param name="Text">The thing itself, or what stands for it.</param>
/// <param name="Remedy">Ends the message.</param>
public sealed record RunFact(string What, string Text, string Remedy)
{
    /// <summary>From 0 on, so that its negative is a number too.</summary>
    internal long Hash => (long)(XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(Text)) >> 1);
}

/// <summary>Compares facts over all ranks by reduction.</summary>
public static class RunAgreement
{
    /// <exception cref="RunStoppedException">A fact differs; the first rank says which, and on which ranks.</exception>
    /// <remarks>Collectives: one all-reduce of a few numbers; where a fact differs, one more of a number a rank.</remarks>
    public static void Require(RunWorld world, params IReadOnlyList<RunFact> facts)
    {
        long[] hashes = [.. facts.Select(fact => fact.Hash)];
        var found = world.Largest(
            [.. hashes, .. hashes.Select(hash => -hash), .. hashes.Select(hash => world.IsFirst ? hash : -1)]);
        var problems = new List<string>();
        for (var i = 0; i < facts.Count; i++)
        {
            var (largest, smallest, first) = (found[i], -found[facts.Count + i], found[2 * facts.Count + i]);
            if (largest != smallest)
                problems.Add(Describe(facts[i], FindOthers(world, hashes[i] != first)));
        }

        if (problems.Count > 0)
            throw world.Alike(new ConfigException(problems));
    }

    private static RankGroup FindOthers(RunWorld world, bool differs)
    {
        var marks = new long[world.Size];
        marks[world.Rank] = differs ? 1 : 0;
        marks = world.Largest(marks);
        return RankGroup.Of([.. Enumerable.Range(0, marks.Length).Where(rank => marks[rank] > 0)]);
    }

    private static string Describe(RunFact fact, RankGroup others) =>
        $"{fact.What} of {others} is not that of rank 0, but all ranks of a run must have the same. {fact.Remedy}";
}
