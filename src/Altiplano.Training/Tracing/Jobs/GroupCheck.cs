using Altiplano.Distributed;

namespace Altiplano.Training.Tracing.Jobs;

/// <summary>Whether the members of one group do the same collectives, and each message that is sent is received.</summary>
/// <param name="nameOf">A rank in messages, as <c>rank 7 (pp 1, tp 3)</c>.</param>
internal sealed class GroupCheck(JobPrograms programs, GroupPattern group, Func<int, string> nameOf)
{
    private const int MaxNamed = 4;

    /// <returns>The first difference of each rank that differs; empty where all fit.</returns>
    public IEnumerable<string> FindProblems()
    {
        var differing = FindDifferentCollectives().ToList();
        // Where the order differs already, the n-th exchange of two ranks is not one and the same.
        return differing.Concat(differing.Count == 0 ? FindUnevenExchanges() : []).Concat(FindUnmatchedMessages());
    }

    private IEnumerable<string> FindDifferentCollectives()
    {
        // Most members are what the odd one out is measured against.
        var usual = group.Classes.CountBy(index => index).MaxBy(pair => pair.Value).Key;
        var expected = programs.Collectives(usual, group.Axis);
        foreach (var odd in group.Classes.Distinct().Where(index => index != usual))
        {
            var actual = programs.Collectives(odd, group.Axis);
            if (FirstDifference(Comparable(expected), Comparable(actual)) is { } place)
                yield return Describe(odd, usual, place, actual, expected);
        }
    }

    /// <summary>Compares what each member sends each in an all-to-all with what that one expects of it.</summary>
    private IEnumerable<string> FindUnevenExchanges()
    {
        var collectives = group.Classes.Select(index => programs.Collectives(index, group.Axis)).ToList();
        for (var place = 0; place < collectives[0].Count; place++)
        {
            if (collectives[0][place].Exchange is not null && FindUneven(collectives, place) is { } problem)
            {
                yield return problem;
                yield break;
            }
        }
    }

    private string? FindUneven(List<IReadOnlyList<ProgramOperation>> collectives, int place)
    {
        for (var from = 0; from < collectives.Count; from++)
        {
            for (var to = 0; to < collectives.Count; to++)
            {
                var (sent, received) = (collectives[from][place].Exchange!.Sent[to], collectives[to][place].Exchange!.Received[from]);
                if (sent != received)
                {
                    return $"Collective #{place} on axis {group.Axis} is an all-to-all in which {nameOf(group.Members[from])} sends {sent:N0} bytes to " +
                        $"{nameOf(group.Members[to])}, which expects {received:N0}{More()}.";
                }
            }
        }

        return null;
    }

    /// <summary>The ranks of an all-to-all state counts of their own: kind and order are compared here, the counts pair by pair.</summary>
    private static List<ProgramOperation> Comparable(IReadOnlyList<ProgramOperation> operations) =>
        [.. operations.Select(op => op.Kind == CollectiveKind.AllToAll ? op with { Bytes = 0, Exchange = null } : op)];

    private string Describe(
        int odd, int usual, int place, IReadOnlyList<ProgramOperation> actual, IReadOnlyList<ProgramOperation> expected) =>
        $"Collective #{place} on axis {group.Axis} is {OperationAt(actual, place)} on {Members(odd)}, but {OperationAt(expected, place)} " +
        $"on {Members(usual)}{More()}.";

    private IEnumerable<string> FindUnmatchedMessages()
    {
        for (var i = 0; i < group.Classes.Length; i++)
        {
            foreach (var offset in programs.Peers(group.Classes[i], group.Axis))
            {
                var other = (i + offset) % group.Classes.Length;
                if (FindUnmatched(i, other, offset) is { } problem)
                    yield return problem;
            }
        }
    }

    /// <summary>Compares what one member sends to another with what that one receives from it, and the other way round.</summary>
    private string? FindUnmatched(int one, int other, int offset)
    {
        var back = (group.Classes.Length - offset) % group.Classes.Length;
        var (sends, receives) = (programs.Messages(group.Classes[one], group.Axis, offset, isSend: true), programs.Messages(group.Classes[other], group.Axis, back, isSend: false));
        if (FirstDifference([.. sends.Select(op => op.Bytes)], [.. receives.Select(op => op.Bytes)]) is { } place)
            return DescribeMessage(one, other, place, sends, receives);
        // A rank that only receives is found here; one that sends, where it is the first of the two.
        (sends, receives) = (programs.Messages(group.Classes[other], group.Axis, back, isSend: true), programs.Messages(group.Classes[one], group.Axis, offset, isSend: false));
        return sends.Count == 0 && receives.Count > 0 ? DescribeMessage(other, one, 0, sends, receives) : null;
    }

    private string DescribeMessage(
        int from, int to, int place, IReadOnlyList<ProgramOperation> sends, IReadOnlyList<ProgramOperation> receives) =>
        $"Message #{place} on axis {group.Axis} from {nameOf(group.Members[from])} to {nameOf(group.Members[to])}: the one sends " +
        $"{BytesAt(sends, place)}, the other receives {BytesAt(receives, place)}{More()}.";

    private string Members(int ofClass)
    {
        var ranks = Enumerable.Range(0, group.Classes.Length).Where(i => group.Classes[i] == ofClass).Select(i => group.Members[i]).ToList();
        return ranks.Count == 1
            ? nameOf(ranks[0])
            : $"{nameOf(ranks[0])} and {ranks.Count - 1:N0} more: {RankGroup.Of([.. ranks.Take(MaxNamed)])}{(ranks.Count > MaxNamed ? ", ..." : "")}";
    }

    private string More() => group.Count == 1 ? "" : $" (so in {group.Count:N0} groups)";

    private static string OperationAt(IReadOnlyList<ProgramOperation> operations, int place) =>
        place < operations.Count ? $"{Article(operations[place])} {operations[place].Describe()}" : "nothing, the step being over,";

    private static string Article(in ProgramOperation operation) => operation.Kind is CollectiveKind.AllReduce or CollectiveKind.AllGather or CollectiveKind.AllToAll ? "an" : "a";

    private static string BytesAt(IReadOnlyList<ProgramOperation> messages, int place) =>
        place < messages.Count ? $"{messages[place].Bytes:N0} bytes" : "nothing";

    private static int? FirstDifference<T>(List<T> expected, List<T> actual)
    {
        var common = Math.Min(expected.Count, actual.Count);
        for (var i = 0; i < common; i++)
        {
            if (!EqualityComparer<T>.Default.Equals(expected[i], actual[i]))
                return i;
        }

        return expected.Count == actual.Count ? null : common;
    }
}
