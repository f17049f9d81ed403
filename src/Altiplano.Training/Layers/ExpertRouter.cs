using Altiplano.Planning.Architecture;
using Altiplano.Torch;
using Altiplano.Torch.Operators;
using Altiplano.Training.Parallel;

namespace Altiplano.Training.Layers;

/// <summary>Decides which experts rows visit. The one place of a step where values choose shapes; on shapes an assumption does.</summary>
/// <param name="tp">With its ranks' rows: parts, or all of them on each.</param>
/// <param name="assumption">What stands for the router's choice where there are only shapes.</param>
/// <remarks>Collectives: counts go over ep to where the copies will go, and from there over tp.</remarks>
internal sealed class ExpertRouter(MixtureShape mixture, Axis ep, Axis tp, RoutingAssumption assumption)
{
    /// <param name="logits_RE">[R, E] in the accumulator type.</param>
    /// <returns>The route; the caller disposes it.</returns>
    public ExpertRoute Decide(Tensor logits_RE)
    {
        var engine = logits_RE.Engine;
        var experts_KR = engine.Empty(ScalarType.Int64, mixture.TopK, logits_RE.Size(0));
        engine.TopExperts(experts_KR, logits_RE);
        var choices = Read(experts_KR);
        if (ep.Degree * tp.RowParts == 1)
            return new ExpertRoute(experts_KR, choices, mixture.NumExperts);
        var counts = ExpertRoute.CountsOf(choices, mixture.NumExperts);
        var each = mixture.NumExperts / ep.Degree;
        long[] sendRows = [.. counts.Chunk(each).Select(ofRank => ofRank.Sum())];
        var loads = new ExpertLoads(Exchange(engine, counts), tp.RowParts, ep.Degree);
        return ExpertRoute.OverRanks(experts_KR, choices, mixture.NumExperts, sendRows, loads, tp.RowParts == 1 ? 0 : tp.Rank);
    }

    private long[] Read(Tensor experts_KR)
    {
        var choices = new long[experts_KR.NumElements];
        experts_KR.Engine.Download<long>(choices, experts_KR);
        if (!experts_KR.Engine.IsShapeOnly)
            return choices;
        var counts = assumption.CountsOf(choices.Length, mixture.NumExperts);
        return [.. counts.SelectMany((count, expert) => Enumerable.Repeat((long)expert, (int)count))];
    }

    /// <summary>What all ranks have for this rank's experts, [tp, ep, E_ep]. On shapes all ranks are taken to have as many.</summary>
    private long[] Exchange(Engine engine, long[] counts)
    {
        var each = counts.Length / ep.Degree;
        long[] equal = [.. Enumerable.Repeat((long)each, ep.Degree)];
        using var received = ep.AllToAllRows(engine.Upload<long>(ScalarType.Int64, counts, counts.Length), equal, equal, counts.Length);
        using var all = tp.AllGatherRows(received);
        var result = new long[all.NumElements];
        engine.Download<long>(result, all);
        if (!engine.IsShapeOnly)
            return result;
        var own = counts.AsSpan(ep.Rank * each, each).ToArray();
        return [.. Enumerable.Repeat(own, ep.Degree * tp.RowParts).SelectMany(part => part)];
    }
}
