using Altiplano.Planning.Hardware;

namespace Altiplano.Planning.Mesh;

/// <summary>Which layouts of a workload exist on a cluster; memory is not asked here.</summary>
public static class LayoutRules
{
    /// <summary>True where <see cref="FindProblems"/> would find none; allocates nothing.</summary>
    public static bool IsLegal(Workload workload, ClusterSpec cluster, in Layout layout) =>
        layout.World <= cluster.NumGpus
        && workload.Model.NumAttentionHeads % layout.Tp == 0
        && workload.GlobalBatchSequences % ((long)layout.Dp * layout.MicroBatchSize) == 0;

    /// <summary>Every reason why a layout does not exist, each with the value, the rule and the nearest legal values.</summary>
    public static IReadOnlyList<string> FindProblems(Workload workload, ClusterSpec cluster, in Layout layout, string path)
    {
        var problems = new List<string>();
        if (layout.World > cluster.NumGpus)
            problems.Add($"{path} has {layout.World} ranks, but the cluster {cluster.Name} has {cluster.NumGpus} GPUs.");
        if (workload.Model.NumAttentionHeads % layout.Tp != 0)
            problems.Add($"{path}.tp is {layout.Tp}, but the {workload.Model.NumAttentionHeads} heads must divide by it.");
        return problems;
    }
}
