namespace Altiplano.Distributed;

/// <summary>One rank's end of a group of ranks that pass memory to each other.</summary>
/// <remarks>
/// All ranks of a group start the same collectives in the same order. Sends and receives are matched in order between each two ranks,
/// independently of the collectives, and proceed side by side. Groups are independent of each other. One thread of a rank at a time
/// may use its communicators. A failure ends the group: later calls throw what the first one threw.
/// </remarks>
public interface ICommunicator : IDisposable
{
    /// <summary>The mesh axis, for messages and traces.</summary>
    string Axis { get; }

    /// <summary>This rank's index in the group.</summary>
    int Rank { get; }

    /// <summary>The world ranks of the group, in the order of its ranks.</summary>
    RankGroup Members { get; }

    /// <summary>Starts an operation and returns at once, or when it is done.</summary>
    /// <exception cref="CollectiveException">The arguments do not fit each other, or the group has failed.</exception>
    Pending Start(in Collective collective);

    /// <summary>Starts an operation and waits for it.</summary>
    /// <exception cref="CollectiveException">It failed, or not every rank came before the deadline.</exception>
    void Run(in Collective collective) => Start(collective).Wait();

    /// <summary>A communicator of some of this group's ranks.</summary>
    /// <param name="axis">Its name.</param>
    /// <param name="members">Ranks of this group, with the caller among them; their order becomes the order of the new ranks.</param>
    /// <remarks>Every rank of this group calls it at the same place in its program, each with the group that it is in itself.</remarks>
    ICommunicator Group(string axis, RankGroup members);
}
