using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Costs;

/// <summary>Time of one collective of a group of ranks while every other group of its axis does the same.</summary>
/// <remarks>
/// Rings, as NCCL builds them: inside a server over NVLink, between servers on as many NICs as the group has ranks in a server;
/// reductions may go through a tree or, where the hardware can, be added up in the switches. Latencies add to bandwidth terms.
/// Sources: Thakur et al. 2005 §4; NCCL's tuning model.
/// </remarks>
public sealed class CollectiveTiming
{
    /// <summary>An all-reduce in the NVLink switch over a ring's: 367 / 480 GB/s on 8 H100 (facts of GTC24 S62129).</summary>
    private const double NvlinkReductionFactor = 367.0 / 480.0;

    /// <summary>A step of a tree between servers waits for chunks to fill: hops of a ring that one level costs.</summary>
    private const double HopsPerTreeLevel = 4;

    /// <summary>Time of one hop of a ring inside a server beyond the link's own latency: NCCL's simple protocol (NCCL, tuning model).</summary>
    private const double NvlinkHopOverhead = 2.5e-6;

    private readonly NetworkTier[] _tiers;
    private readonly double _nvlinkBandwidth;
    private readonly double _networkBandwidth;
    private readonly double _nvlinkHop;
    private readonly double _networkHop;
    private readonly double _nvlinkReduction;
    private readonly double _networkReduction;

    public CollectiveTiming(ClusterSpec cluster, TimeCoefficients coefficients)
    {
        _tiers = [.. cluster.Network.Tiers];
        _nvlinkBandwidth = cluster.Server.NvlinkBandwidth.Value * coefficients.NvlinkEfficiency;
        _networkBandwidth = cluster.Network.BandwidthPerGpu.Value * coefficients.NetworkEfficiency;
        _nvlinkHop = cluster.Server.NvlinkLatency.Value + NvlinkHopOverhead;
        _networkHop = coefficients.NetworkHop.Value;
        _nvlinkReduction = cluster.Server.HasNvlinkReduction ? NvlinkReductionFactor : 1;
        _networkReduction = cluster.Network.HasInNetworkReduction ? 0.5 : 1;
    }

    /// <summary>Every rank ends with the parts of all.</summary>
    /// <param name="payload">Bytes of all parts together.</param>
    /// <returns>Seconds; 0 for a group of 1. A reduce-scatter takes as long.</returns>
    public double AllGather(double payload, in RankGroup group) =>
        group.Size <= 1 ? 0 : RingBandwidthTime(payload, group) + RingLatency(group);

    /// <summary>Every rank ends with the sum.</summary>
    /// <param name="payload">Bytes that each rank holds before the call.</param>
    public double AllReduce(double payload, in RankGroup group)
    {
        if (group.Size <= 1)
            return 0;
        var servers = group.Servers;
        if (servers == 1)
            return 2 * _nvlinkReduction * RingBandwidthTime(payload, group) + 2 * RingLatency(group);
        var tree = 2 * (Math.Log2(servers) * HopsPerTreeLevel * NetworkHop(group) + (group.PerServer - 1) * _nvlinkHop);
        return 2 * _networkReduction * RingBandwidthTime(payload, group) + Math.Min(2 * RingLatency(group), tree);
    }

    /// <summary>Every rank sends each of its rows to <paramref name="copies"/> others, picked at random.</summary>
    /// <param name="rows">Bytes of one copy of all rows of a rank.</param>
    /// <remarks>A row goes once to each server that wants it and is spread over NVLink there, as DeepEP does.</remarks>
    public double AllToAll(double rows, double copies, in RankGroup group)
    {
        if (group.Size <= 1)
            return 0;
        var inside = rows * copies * (group.PerServer - 1) / group.PerServer / _nvlinkBandwidth + (group.PerServer - 1) * _nvlinkHop;
        var servers = group.Servers;
        if (servers == 1)
            return inside;
        var targets = servers * (1 - Math.Pow(1 - 1.0 / servers, copies));
        var outside = rows * targets * (servers - 1) / servers / SpreadBandwidth(group);
        return Math.Max(inside, outside) + NetworkHop(group) * Math.Sqrt(servers);
    }

    /// <summary>One rank sends to the next of its axis.</summary>
    public double SendReceive(double payload, in RankGroup group) => group switch
    {
        { Size: <= 1 } => 0,
        { Servers: 1 } => payload / _nvlinkBandwidth + _nvlinkHop,
        _ => payload / NeighbourBandwidth(group) + NetworkHop(group),
    };

    /// <summary>Bytes that a rank sends over NVLink and over its NIC in an all-gather; an all-reduce sends twice as many.</summary>
    public static (double Nvlink, double Network) AllGatherBytes(double payload, in RankGroup group)
    {
        if (group.Size <= 1)
            return (0, 0);
        var servers = group.Servers;
        var network = servers == 1 ? 0 : payload * (servers - 1) / servers / group.PerServer;
        return (group.PerServer == 1 ? 0 : payload * (group.Size - 1) / group.Size, network);
    }

    private double RingBandwidthTime(double payload, in RankGroup group)
    {
        var inside = group.PerServer == 1 ? 0 : payload * (group.Size - 1) / group.Size / _nvlinkBandwidth;
        var servers = group.Servers;
        if (servers == 1)
            return inside;
        return Math.Max(inside, payload * (servers - 1) / servers / (group.PerServer * NeighbourBandwidth(group)));
    }

    private double RingLatency(in RankGroup group)
    {
        var servers = group.Servers;
        return servers == 1
            ? (group.Size - 1) * _nvlinkHop
            : servers * NetworkHop(group) + (group.Size - servers) * _nvlinkHop;
    }

    private double NetworkHop(in RankGroup group)
    {
        foreach (var tier in _tiers)
        {
            if (group.Span <= tier.Gpus)
                return tier.Latency.Value + _networkHop;
        }

        return _tiers[^1].Latency.Value + _networkHop;
    }

    /// <summary>Bandwidth of a GPU whose peer is the neighbour in its group: only the last server below a tier sends through it.</summary>
    private double NeighbourBandwidth(in RankGroup group)
    {
        var slowdown = 1.0;
        var below = 1.0;
        foreach (var tier in _tiers)
        {
            var serversBelow = Math.Max(1, below / (group.PerServer * (double)group.Stride));
            slowdown = Math.Max(slowdown, tier.Oversubscription / serversBelow);
            if (group.Span <= tier.Gpus)
                break;
            below = tier.Gpus;
        }

        return _networkBandwidth / slowdown;
    }

    /// <summary>Bandwidth of a GPU that sends to all of its group alike.</summary>
    private double SpreadBandwidth(in RankGroup group)
    {
        var slowdown = 1.0;
        var below = 1.0;
        foreach (var tier in _tiers)
        {
            var outside = 1 - Math.Min(1, below / group.Span);
            slowdown = Math.Max(slowdown, tier.Oversubscription * outside);
            if (group.Span <= tier.Gpus)
                break;
            below = tier.Gpus;
        }

        return _networkBandwidth / slowdown;
    }
}
