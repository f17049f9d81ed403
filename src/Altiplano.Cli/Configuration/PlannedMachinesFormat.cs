using System.Diagnostics.CodeAnalysis;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Machines;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>What a run is planned for: a cluster, a calibrated machine, or nothing yet.</summary>
internal sealed record PlannedMachines(ClusterSpec? Cluster, MachineSpec? Machine);

/// <summary>The <c>cluster</c> of a run file: a cluster, or a machine as <c>calibrate</c> writes it.</summary>
internal sealed class PlannedMachinesFormat(YamlFormat<ClusterSpec> cluster, YamlFormat<MachineSpec> machine) : YamlFormat<PlannedMachines>
{
    public override string Kind => cluster.Kind;

    public override bool TryRead(YamlNode node, string path, YamlReading reading, [MaybeNullWhen(false)] out PlannedMachines value)
    {
        value = new PlannedMachines(null, null);
        if (YamlFormats.IsNull(node))
            return true;
        if (IsMachine(node, reading))
        {
            var isMachineRead = machine.TryRead(node, path, reading, out var calibrated);
            value = new PlannedMachines(null, calibrated);
            return isMachineRead;
        }

        var isClusterRead = cluster.TryRead(node, path, reading, out var planned);
        value = new PlannedMachines(planned, null);
        return isClusterRead;
    }

    public override YamlNode? Write(PlannedMachines value) => value switch
    {
        { Cluster: { } planned } => cluster.Write(planned),
        { Machine: { } calibrated } => machine.Write(calibrated),
        _ => null,
    };

    private static bool IsMachine(YamlNode node, YamlReading reading) => node switch
    {
        YamlMappingNode mapping => MachineCatalog.IsMachine(mapping),
        YamlScalarNode { Value: { Length: > 0 } name } => IsMachineFile(reading.ResolvePath(node, name)),
        _ => false,
    };

    /// <summary>A file that is no YAML is left to the cluster's reader, which says so.</summary>
    private static bool IsMachineFile(string file)
    {
        try
        {
            return MachineCatalog.IsMachine(file);
        }
        catch (ConfigException)
        {
            return false;
        }
    }
}
