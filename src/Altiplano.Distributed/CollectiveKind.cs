namespace Altiplano.Distributed;

/// <summary>What an operation does.</summary>
public enum CollectiveKind
{
    AllReduce,
    ReduceScatter,
    AllGather,
    AllToAll,
    Broadcast,
    Barrier,
    Send,
    Receive,
    SendReceive,
}

/// <summary>Facts about the kinds.</summary>
public static class CollectiveKinds
{
    /// <summary>True when two ranks take part, false when the whole group does.</summary>
    public static bool IsPointToPoint(this CollectiveKind kind) => kind >= CollectiveKind.Send;

    /// <summary>The name in messages and traces: "all-reduce".</summary>
    public static string Name(this CollectiveKind kind) => kind switch
    {
        CollectiveKind.AllReduce => "all-reduce",
        CollectiveKind.ReduceScatter => "reduce-scatter",
        CollectiveKind.AllGather => "all-gather",
        CollectiveKind.AllToAll => "all-to-all",
        CollectiveKind.Broadcast => "broadcast",
        CollectiveKind.Barrier => "barrier",
        CollectiveKind.Send => "send",
        CollectiveKind.Receive => "receive",
        CollectiveKind.SendReceive => "send-receive",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "This is no kind of operation."),
    };
}
