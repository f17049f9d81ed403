using System.Globalization;

namespace Altiplano.Distributed;

/// <summary>Which operation of which rank: what a message about it begins with.</summary>
/// <param name="Kind">Of the operation.</param>
/// <param name="Sequence">Its number on this communicator, from 0; collectives are numbered alike on all ranks of the group.</param>
/// <param name="Communicator">Where it runs.</param>
internal readonly record struct CollectiveLabel(CollectiveKind Kind, long Sequence, ICommunicator Communicator)
{
    public override string ToString() => $"{Kind.Name()} #{Sequence} on axis {Communicator.Axis}";

    /// <summary>Rank 37 (dp 4, tp 5) waited 600 s in all-reduce #18211 on axis dp; absent: ranks 36, 38.</summary>
    /// <param name="absent">World ranks; null when it cannot be told.</param>
    public CollectiveException Expired(CommunicatorOptions options, IReadOnlyList<int>? absent)
    {
        var rank = Communicator.Members[Communicator.Rank];
        var coordinates = options.Coordinates(rank) is { Length: > 0 } text ? $" ({text})" : "";
        var seconds = options.Deadline.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return new CollectiveException($"Rank {rank}{coordinates} waited {seconds} s in {this}; {Tell(absent)}", absent);
    }

    private static string Tell(IReadOnlyList<int>? absent) => absent switch
    {
        null => "who is absent could not be asked.",
        [] => "every rank has come, but the data has not.",
        _ => $"absent: {RankGroup.Of([.. absent])}.",
    };
}
