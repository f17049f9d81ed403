using Altiplano.Planning.Hardware;
using Altiplano.Planning.Mesh;

namespace Altiplano.Cli.Launch;

/// <summary>How the ranks of a mesh are spread over machines.</summary>
internal sealed record JobSize(MeshShape Mesh, int Nodes, int RanksPerNode, bool HasGpus)
{
    public int World => Mesh.World;

    public string Describe() => $"{Mesh}, on {Nodes} {(Nodes == 1 ? "node" : "nodes")} x {RanksPerNode} {(RanksPerNode == 1 ? "rank" : "ranks")}";
}

/// <summary>What the command line says of the machines; null where it says nothing.</summary>
internal sealed record GivenSize(int? Nodes, int? RanksPerNode, int? GpusPerNode, bool IsCpu)
{
    /// <summary>Ranks have GPUs where --gpus-per-node or the run's cluster says so, and a rank for each; on CPU a rank has a node.</summary>
    /// <exception cref="ConfigException">The numbers do not go together.</exception>
    public JobSize Over(MeshSpec mesh, ClusterSpec? cluster)
    {
        ConfigException.ThrowIfAny([.. FindOpenDegrees(mesh), .. FindContradictions()]);
        var shape = new MeshShape
        {
            Pp = mesh.Pp.Or(1), DpReplicate = mesh.DpReplicate.Or(1), DpShard = mesh.DpShard.Or(1), Cp = mesh.Cp.Or(1), Tp = mesh.Tp.Or(1), Ep = mesh.Ep.Or(1),
        };
        ConfigException.ThrowIfAny(shape.FindProblems("mesh"));
        var hasGpus = !IsCpu && (GpusPerNode ?? cluster?.Server.GpusPerServer) is not null;
        var most = hasGpus ? GpusPerNode ?? cluster!.Server.GpusPerServer : int.MaxValue;
        var each = RanksPerNode ?? (Nodes is { } stated ? Math.Max(1, shape.World / stated) : hasGpus ? Math.Min(most, shape.World) : 1);
        var size = new JobSize(shape, Nodes ?? Math.Max(1, shape.World / each), each, hasGpus);
        ConfigException.ThrowIfAny([.. FindProblems(size, most, cluster)]);
        return size;
    }

    private static IEnumerable<string> FindOpenDegrees(MeshSpec mesh) =>
        from axis in new[]
        {
            ("pp", mesh.Pp), ("dp_replicate", mesh.DpReplicate), ("dp_shard", mesh.DpShard), ("cp", mesh.Cp), ("tp", mesh.Tp), ("ep", mesh.Ep),
        }
        where axis.Item2.IsAuto
        select $"mesh.{axis.Item1} is auto, but the number of nodes follows from the mesh. Use 'altiplano plan RUN.yaml --write FILE', which fixes it, " +
            $"or --set mesh.{axis.Item1}=NUMBER.";

    private IEnumerable<string> FindContradictions()
    {
        if (IsCpu && GpusPerNode is { } gpus)
            yield return $"--gpus-per-node is {gpus}, but --cpu asks for a run without GPUs. Leave one of them out.";
    }

    private static IEnumerable<string> FindProblems(JobSize size, int most, ClusterSpec? cluster)
    {
        if (size.Nodes * (long)size.RanksPerNode != size.World)
        {
            yield return $"--nodes {size.Nodes} x --ranks-per-node {size.RanksPerNode} makes {size.Nodes * (long)size.RanksPerNode} ranks, but the mesh is " +
                $"{size.Mesh}. Use {string.Join(", ", Divisors(size.World, most))} ranks a node, or another mesh.";
        }
        else if (size.HasGpus && size.RanksPerNode > most)
        {
            yield return $"--ranks-per-node is {size.RanksPerNode}, but each rank needs a GPU of its own and a node has {most}. Use {most} or fewer.";
        }
        else if (size.HasGpus && cluster is not null && size.Nodes > cluster.NumServers)
        {
            yield return $"The job needs {size.Nodes} nodes, but cluster {cluster.Name} has {cluster.NumServers} servers. Use a smaller mesh.";
        }
    }

    private static IEnumerable<int> Divisors(int world, int most) => Enumerable.Range(1, Math.Min(world, Math.Min(most, 64))).Where(n => world % n == 0);
}
