using Altiplano.Planning.Machines;
using YamlDotNet.RepresentationModel;

namespace Altiplano.Cli.Configuration;

/// <summary>Files of calibrated machines.</summary>
internal sealed class MachineCatalog(PresetFolder presets)
{
    public DescriptionCatalog<MachineSpec> Machines { get; } = new(
        presets, "machines", MachineSections.Blank, m => m.Name, (m, name) => m with { Name = name }, MachineSections.Machine);

    /// <summary>True for a file that describes a calibrated machine, not a cluster.</summary>
    public static bool IsMachine(string path) =>
        File.Exists(path) && YamlText.ParseFile(path) is YamlMappingNode mapping && IsMachine(mapping);

    public static bool IsMachine(YamlMappingNode mapping) => mapping.Children.ContainsKey(MachineSections.RanksKey);

    /// <exception cref="ConfigException">There is no such file, it describes no machine, or it has problems; lists them all.</exception>
    /// <param name="option">What names the file.</param>
    public MachineSpec Read(string path, string option = "--cluster")
    {
        if (!File.Exists(path))
            throw new ConfigException($"{option} is {path}, which does not exist. Give a file that altiplano calibrate wrote.");
        return IsMachine(path)
            ? Machines.Read(path, option)
            : throw new ConfigException(
                $"{option} is {path}, which describes no calibrated machine: it has no {MachineSections.RanksKey}. " +
                "Give a file that altiplano calibrate wrote.");
    }

    /// <summary>Writes a machine so that <see cref="Read"/> reads it back.</summary>
    public void Write(MachineSpec machine, string path) => File.WriteAllText(path, YamlText.Write(Machines.Write(machine)));
}
