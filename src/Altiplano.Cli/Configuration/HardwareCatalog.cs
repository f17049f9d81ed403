using Altiplano.Planning.Hardware;

namespace Altiplano.Cli.Configuration;

/// <summary>The machines that a run file or an option may name: presets, and files of the user's.</summary>
internal sealed class HardwareCatalog
{
    public HardwareCatalog(PresetFolder presets)
    {
        Gpus = new(presets, "gpus", HardwareSections.BlankGpu, g => g.Name, (g, name) => g with { Name = name }, HardwareSections.Gpu);
        Servers = new(
            presets, "servers", HardwareSections.BlankServer, s => s.Name, (s, name) => s with { Name = name },
            HardwareSections.Server(Gpus));
        Clusters = new(
            presets, "clusters", ClusterSection.Blank, c => c.Name, (c, name) => c with { Name = name },
            ClusterSection.Keys(Servers, new PresetNameFormat(presets, "reliability")));
    }

    public DescriptionCatalog<GpuSpec> Gpus { get; }
    public DescriptionCatalog<ServerSpec> Servers { get; }
    public DescriptionCatalog<ClusterSpec> Clusters { get; }

    /// <exception cref="ConfigException">There is no such preset, or it has problems; lists them all.</exception>
    public GpuSpec Gpu(string name) => Gpus.ReadPreset(name);

    /// <inheritdoc cref="Gpu"/>
    public ServerSpec Server(string name) => Servers.ReadPreset(name);

    /// <summary>Reads a preset or a file of the user's.</summary>
    /// <exception cref="ConfigException">There is neither, or the description has problems; lists them all.</exception>
    public ClusterSpec Cluster(string nameOrPath) => Clusters.Read(nameOrPath, "--cluster");
}
