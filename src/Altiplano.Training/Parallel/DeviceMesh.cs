using Altiplano.Distributed;
using Altiplano.Planning.Mesh;
using Altiplano.Torch;

namespace Altiplano.Training.Parallel;

/// <summary>One rank's place in the mesh, and its communicators along each axis.</summary>
/// <remarks>
/// Ranks are numbered with tp innermost, then cp, dp_shard, dp_replicate, and pp outermost. ep's ranks follow each other in dp_shard x cp.
/// </remarks>
public sealed class DeviceMesh : IDisposable
{
    /// <param name="world">All ranks, as many as the shape has; it stays the caller's. Every rank makes its mesh at the same place.</param>
    public DeviceMesh(MeshShape shape, ICommunicator world)
    {
        if (world.Members.Count != shape.World)
            throw new CollectiveException($"The mesh is {shape}, but {world.Members.Count} ranks were started.");
        Shape = shape;
        Tp = AxisOf(world, "tp", shape.Tp, 1);
        Cp = AxisOf(world, "cp", shape.Cp, shape.Tp);
        DpShard = AxisOf(world, "dp_shard", shape.DpShard, shape.Tp * shape.Cp);
        Fsdp = shape.Cp == 1 ? DpShard : AxisOf(world, "dp_shard_cp", shape.DpShard * shape.Cp, shape.Tp);
        Ep = AxisOf(world, "ep", shape.Ep, shape.Tp);
        ExpertFsdp = shape.Ep == 1 ? Fsdp : AxisOf(world, "dp_shard_cp_over_ep", shape.DpShard * shape.Cp / shape.Ep, shape.Tp * shape.Ep);
        DpReplicate = AxisOf(world, "dp_replicate", shape.DpReplicate, shape.Tp * shape.Cp * shape.DpShard);
        var stride = shape.World / shape.Pp;
        Pp = AxisOf(world, "pp", shape.Pp, stride);
        PpBackward = AxisOf(world, "pp_backward", shape.Pp, stride);
        PpEnds = shape.Pp == 1 ? Axis.Alone("pp_ends") : new Axis(world.Group("pp_ends", EndsOf(world.Rank, shape.Pp, stride)));
    }

    private DeviceMesh()
    {
        Shape = new MeshShape();
        (Tp, Cp, DpShard) = (Axis.Alone("tp"), Axis.Alone("cp"), Axis.Alone("dp_shard"));
        (Fsdp, ExpertFsdp, Ep) = (DpShard, DpShard, Axis.Alone("ep"));
        (DpReplicate, Pp) = (Axis.Alone("dp_replicate"), Axis.Alone("pp"));
        (PpBackward, PpEnds) = (Axis.Alone("pp_backward"), Axis.Alone("pp_ends"));
    }

    /// <summary>One process.</summary>
    public static DeviceMesh Single { get; } = new();

    public MeshShape Shape { get; }
    public Axis Pp { get; }

    /// <summary>The pipeline's axis again, for gradients: they overtake activations between the same ranks.</summary>
    public Axis PpBackward { get; }

    /// <summary>The first and the last pipeline rank; each rank between them alone.</summary>
    public Axis PpEnds { get; }

    public Axis DpReplicate { get; }
    public Axis DpShard { get; }

    /// <summary>dp_shard x cp: the ranks that a flat buffer is sharded over. They see other rows of the same weights.</summary>
    public Axis Fsdp { get; }

    /// <summary>Ranks among which a layer's routed experts are dealt out.</summary>
    public Axis Ep { get; }

    /// <summary>dp_shard x cp / ep: the ranks that have the same routed experts, over which their buffers are sharded.</summary>
    public Axis ExpertFsdp { get; }

    public Axis Cp { get; }
    public Axis Tp { get; }

    /// <summary>Groups of ranks that read samples of their own.</summary>
    public int DataDegree => DpReplicate.Degree * DpShard.Degree;

    /// <summary>Which of them this rank belongs to.</summary>
    public int DataRank => DpReplicate.Rank * DpShard.Degree + DpShard.Rank;

    /// <summary>Sums over the groups of ranks that read samples of their own; the same bits on all ranks.</summary>
    public double[] SumOverData(Engine engine, params double[] values) => DpReplicate.Sum(engine, DpShard.Sum(engine, values));

    /// <summary>Sums over all ranks that have rows of their own; the same bits on all ranks. Of pipeline stages only the last has any.</summary>
    public double[] SumOverRows(Engine engine, params double[] values) => SumOverData(engine, Cp.Sum(engine, Pp.Sum(engine, values)));

    public void Dispose()
    {
        foreach (var axis in new[] { PpEnds, PpBackward, Pp, DpReplicate, ExpertFsdp, Ep, Fsdp, DpShard, Cp, Tp })
            axis.Dispose();
    }

    private static RankGroup EndsOf(int rank, int pp, int stride)
    {
        var first = rank % stride;
        return rank < stride || rank >= (pp - 1) * stride
            ? RankGroup.Strided(first, 2, (pp - 1) * stride)
            : RankGroup.Strided(rank, 1, 1);
    }

    /// <param name="stride">Distance between neighbours on the axis: the product of the degrees inside it.</param>
    private static Axis AxisOf(ICommunicator world, string name, int degree, int stride)
    {
        if (degree == 1)
            return Axis.Alone(name);
        var first = world.Rank - world.Rank / stride % degree * stride;
        return new Axis(world.Group(name, RankGroup.Strided(first, degree, stride)));
    }
}
