namespace Altiplano.Distributed;

/// <summary>What must hold between the arguments of an operation and the group it runs in.</summary>
internal static class CollectiveRules
{
    /// <exception cref="CollectiveException">A rule is broken; the message has the numbers.</exception>
    public static void Check(in Collective collective, ICommunicator communicator)
    {
        if (FindProblem(collective, communicator) is { } problem)
            throw new CollectiveException($"{collective.Kind.Name()} on axis {communicator.Axis}: {problem}");
    }

    /// <exception cref="CollectiveException">The caller is not among the members, or one is not a rank of the group.</exception>
    public static void CheckGroup(string axis, RankGroup members, ICommunicator parent)
    {
        for (var i = 0; i < members.Count && !IsStridedWithin(members, parent); i++)
        {
            if (members[i] >= parent.Members.Count)
                throw new CollectiveException(
                    $"The group of axis {axis} has rank {members[i]}, but axis {parent.Axis} has {parent.Members.Count} ranks.");
        }

        if (members.IndexOf(parent.Rank) < 0)
            throw new CollectiveException($"The group of axis {axis} is {members}, without the caller, rank {parent.Rank}.");
    }

    /// <summary>Spares a walk over 100,000 ranks.</summary>
    private static bool IsStridedWithin(RankGroup members, ICommunicator parent) =>
        members.IsStrided && members[members.Count - 1] < parent.Members.Count;

    private static string? FindProblem(in Collective collective, ICommunicator communicator)
    {
        var (input, output, n) = (collective.Input, collective.Output, communicator.Members.Count);
        if (input.Count < 0 || output.Count < 0)
            return $"a buffer of {Math.Min(input.Count, output.Count)} elements.";
        return collective.Kind switch
        {
            CollectiveKind.AllReduce or CollectiveKind.Broadcast or CollectiveKind.Barrier => CheckRoot(collective, n),
            CollectiveKind.ReduceScatter => CheckParts("input", input, "output", output, n),
            CollectiveKind.AllGather => CheckParts("output", output, "input", input, n),
            CollectiveKind.AllToAll => CheckExchange(collective, n),
            CollectiveKind.Send => CheckPeer(collective.Destination, communicator),
            CollectiveKind.Receive => CheckPeer(collective.Source, communicator),
            _ => CheckPeer(collective.Destination, communicator) ?? CheckPeer(collective.Source, communicator),
        };
    }

    private static string? CheckRoot(in Collective collective, int n)
    {
        if (collective.Input.Bytes != collective.Output.Bytes)
            return $"the input holds {collective.Input.Bytes} bytes, the output {collective.Output.Bytes}.";
        return collective.Destination >= 0 && collective.Destination < n ? null : $"the root is rank {collective.Destination} of {n}.";
    }

    private static string? CheckParts(string whole, NativeBuffer all, string part, NativeBuffer one, int n)
    {
        if (all.Type != one.Type)
            return $"the {whole} holds {all.Type}, the {part} {one.Type}.";
        return all.Count == one.Count * n
            ? null
            : $"the {whole} holds {all.Count} elements, but {n} ranks with {one.Count} each in the {part} make {one.Count * n}.";
    }

    private static string? CheckExchange(in Collective collective, int n)
    {
        var (input, output) = (collective.Input, collective.Output);
        if (input.Type != output.Type)
            return $"the input holds {input.Type}, the output {output.Type}.";
        if (collective.SendCounts is { } send && collective.ReceiveCounts is { } receive)
            return CheckCounts("send", send, "input", input, n) ?? CheckCounts("receive", receive, "output", output, n);
        if (input.Count != output.Count)
            return $"the input holds {input.Count} elements, the output {output.Count}.";
        return input.Count % n == 0 ? null : $"{input.Count} elements do not divide by {n} ranks. State the counts.";
    }

    private static string? CheckCounts(string name, long[] counts, string side, NativeBuffer buffer, int n)
    {
        if (counts.Length != n || counts.Any(count => count < 0))
            return $"the {name} counts are {string.Join(", ", counts)}; {n} ranks take {n} counts, none below 0.";
        return counts.Sum() == buffer.Count
            ? null
            : $"the {name} counts sum to {counts.Sum()}, the {side} holds {buffer.Count} elements.";
    }

    private static string? CheckPeer(int peer, ICommunicator communicator)
    {
        var n = communicator.Members.Count;
        if (peer < 0 || peer >= n)
            return $"the other is rank {peer} of {n}.";
        return peer == communicator.Rank ? $"rank {peer} is the caller itself." : null;
    }
}
