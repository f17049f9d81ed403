using Altiplano.Torch;
using Altiplano.Torch.Operators;

namespace Altiplano.Training.Layers;

/// <summary>Which experts a rank's rows visit, and the way there and back: decided once, kept by every kind of recompute.</summary>
/// <remarks>
/// Each of R rows has K copies, one for each expert that it visits: copy j R + r is row r's j-th. C = K R. S are the rows that the rank's
/// own experts get, from all ranks.
/// </remarks>
public sealed class ExpertRoute : IDisposable
{
    /// <param name="experts_KR">Owned by the route from here on.</param>
    /// <param name="choices">Its content.</param>
    /// <param name="numExperts">Of all ranks.</param>
    internal ExpertRoute(Tensor experts_KR, long[] choices, int numExperts)
    {
        var engine = experts_KR.Engine;
        var (copies, places) = InOrderOfExperts(choices, numExperts);
        var rows = experts_KR.Size(1);
        Experts_KR = experts_KR;
        Copies_C = engine.Upload<long>(ScalarType.Int64, copies, copies.Length);
        Rows_C = engine.Upload<long>(ScalarType.Int64, [.. copies.Select(copy => copy % rows)], copies.Length);
        Places_C = engine.Upload<long>(ScalarType.Int64, places, places.Length);
        SendRows = [copies.Length];
        (ReceiveRows, PaddedRows, Counts) = (SendRows, copies.Length, CountsOf(choices, numExperts));
    }

    /// <summary>[K, R] of i64: the experts of each row.</summary>
    public Tensor Experts_KR { get; }

    /// <summary>[C] of i64: the copies in the order of their experts.</summary>
    public Tensor Copies_C { get; }

    /// <summary>[C] of i64: their rows.</summary>
    public Tensor Rows_C { get; }

    /// <summary>[C] of i64: the place of each copy in that order.</summary>
    public Tensor Places_C { get; }

    /// <summary>Copies for each rank of ep.</summary>
    public IReadOnlyList<long> SendRows { get; private init; }

    /// <summary>Copies from each rank of ep.</summary>
    public IReadOnlyList<long> ReceiveRows { get; private init; }

    /// <summary>Rows that every tp rank gives to the others: the most that one of them received.</summary>
    public long PaddedRows { get; private init; }

    /// <summary>Rows for each of this rank's experts.</summary>
    public IReadOnlyList<long> Counts { get; private init; }

    /// <summary>[S] of i64: where, among what all tp ranks received, the rows for the experts lie; null where they need not be moved.</summary>
    public Tensor? Sources_S { get; private init; }

    /// <summary>The way back: the row of each place, -1 where there is none.</summary>
    public Tensor? Targets { get; private init; }

    /// <summary>Copies of each expert.</summary>
    internal static long[] CountsOf(long[] choices, int numExperts)
    {
        var counts = new long[numExperts];
        foreach (var expert in choices)
            counts[expert]++;
        return counts;
    }

    /// <summary>The same choices where other ranks have a part in the experts.</summary>
    /// <param name="sendRows">Copies for each rank of ep.</param>
    internal static ExpertRoute OverRanks(
        Tensor experts_KR, long[] choices, int numExperts, IReadOnlyList<long> sendRows, ExpertLoads loads, int tpRank)
    {
        var length = loads.MaxReceived;
        var (sources, targets) = loads.InOrderOfExperts(length);
        var engine = experts_KR.Engine;
        return new ExpertRoute(experts_KR, choices, numExperts)
        {
            SendRows = sendRows,
            ReceiveRows = loads.ReceivedBy(tpRank),
            PaddedRows = length,
            Counts = loads.OfExperts,
            Sources_S = engine.Upload<long>(ScalarType.Int64, sources, sources.Length),
            Targets = engine.Upload<long>(ScalarType.Int64, targets, targets.Length),
        };
    }

    public void Dispose()
    {
        foreach (var tensor in new[] { Experts_KR, Copies_C, Rows_C, Places_C, Sources_S, Targets })
            tensor?.Dispose();
    }

    /// <summary>Counting sort; copies of one expert stay in their order.</summary>
    private static (long[] Copies, long[] Places) InOrderOfExperts(long[] choices, int numExperts)
    {
        var next = new long[numExperts];
        var counts = CountsOf(choices, numExperts);
        for (var expert = 1; expert < numExperts; expert++)
            next[expert] = next[expert - 1] + counts[expert - 1];
        var (copies, places) = (new long[choices.Length], new long[choices.Length]);
        for (var copy = 0; copy < choices.Length; copy++)
        {
            places[copy] = next[choices[copy]]++;
            copies[places[copy]] = copy;
        }

        return (copies, places);
    }
}
