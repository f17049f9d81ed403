namespace Altiplano.Cli.Configuration;

/// <summary>The YAML files that ship with the program, one folder a kind: <c>presets/models/llama3-8b.yaml</c>.</summary>
internal sealed class PresetFolder(string root)
{
    /// <summary>The presets beside the program or, in a checkout, in a folder above it.</summary>
    /// <exception cref="ConfigException">There are none.</exception>
    public static PresetFolder Shipped()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var presets = Path.Combine(folder.FullName, "presets");
            if (Directory.Exists(Path.Combine(presets, "models")))
                return new PresetFolder(presets);
        }

        throw new ConfigException(
            $"No presets folder in {AppContext.BaseDirectory} or above it. Put the presets folder of the repository beside the program.");
    }

    /// <summary>The presets of a kind, in order; none where there is no such folder.</summary>
    public IReadOnlyList<string> Names(string kind) => Directory.Exists(Path.Combine(root, kind))
        ? [.. Directory.EnumerateFiles(Path.Combine(root, kind), "*.yaml")
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Order()]
        : [];

    public string PathOf(string kind, string name) => Path.Combine(root, kind, name + ".yaml");
}
