using Altiplano.Cli.Configuration;
using Altiplano.Planning.Costs;
using Altiplano.Planning.Hardware;

namespace Altiplano.Cli.Plans;

/// <summary>The coefficients with which runs on a cluster are planned.</summary>
internal static class PlanStack
{
    /// <exception cref="ConfigException">There are no stacks, or one has problems.</exception>
    public static StackCoefficients For(PresetFolder presets, ClusterSpec cluster, Precision precision) =>
        new StackCatalog(presets).For(cluster.Gpu, cluster.Network.Kind, precision);
}
