using System.Collections.Immutable;
using Altiplano.Planning.Reliability;

namespace Altiplano.Cli.Configuration;

/// <summary>Rates of failures and policies of recovery that a command may name: presets, and files of the user's.</summary>
internal sealed class ReliabilityCatalog(PresetFolder presets)
{
    private const string Kind = "reliability";

    public IReadOnlyList<string> Names => presets.Names(Kind);

    /// <summary>What every preset that has a recovery does on a failure.</summary>
    public IReadOnlyList<RecoveryPolicy> Policies => [.. Names.Select(name => Read(name).Recovery).OfType<RecoveryPolicy>()];

    /// <summary>Reads a preset, or the file at a path, strictly.</summary>
    /// <param name="what">What names it, for messages: <c>--rates</c>.</param>
    /// <exception cref="ConfigException">It is neither, or its file has problems, all of which are listed.</exception>
    public ReliabilityPreset Read(string nameOrPath, string what = Kind)
    {
        var isPreset = Names.Contains(nameOrPath);
        if (!isPreset && !File.Exists(nameOrPath))
        {
            throw new ConfigException(
                $"{what} is \"{nameOrPath}\", which is neither a preset nor a file. {NearestName.Hint(nameOrPath, "presets", [.. Names])}");
        }

        var name = isPreset ? nameOrPath : Path.GetFileNameWithoutExtension(nameOrPath);
        var reading = new YamlReading(isPreset ? presets.PathOf(Kind, nameOrPath) : nameOrPath);
        ReliabilitySections.Preset.TryRead(
            YamlText.ParseFile(reading.File), "", reading, new ReliabilityPreset { Name = name }, out var preset);
        ConfigException.ThrowIfAny(reading.Problems);
        return preset! with
        {
            Rates = preset.Rates is { } rates ? rates with { Name = name, Sources = [.. preset.Sources] } : null,
            Recovery = preset.Recovery is { } recovery ? recovery with { Name = name } : null,
        };
    }
}
