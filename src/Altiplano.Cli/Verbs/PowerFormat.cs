using System.Globalization;
using Altiplano.Cli.Configuration;
using Altiplano.Planning.Simulation;

namespace Altiplano.Cli.Verbs;

/// <summary>Levels of power as an option: <c>compute=842,idle=250,communication_share=0.15</c>.</summary>
internal static class PowerFormat
{
    private static readonly string[] Names = ["compute", "communication", "checkpoint", "restart", "idle", "communication_share"];

    /// <summary>Levels with those of a text in their place.</summary>
    /// <exception cref="ConfigException">Lists every part that is no level.</exception>
    public static PowerLevels Read(string? text, PowerLevels levels)
    {
        var problems = new List<string>();
        foreach (var part in text?.Split(',', StringSplitOptions.TrimEntries) ?? [])
            levels = Read(part, levels, problems);
        problems.AddRange(levels.FindProblems("--watts"));
        ConfigException.ThrowIfAny(problems);
        return levels;
    }

    private static PowerLevels Read(string part, PowerLevels levels, List<string> problems)
    {
        var (name, value) = part.Split('=') is [var left, var right] ? (left.Trim(), right.Trim()) : (part, "");
        if (!Names.Contains(name))
        {
            problems.Add($"--watts has \"{name}\", which is no state. {NearestName.Hint(name, "states", Names)}");
            return levels;
        }

        if (!double.TryParse(value, CultureInfo.InvariantCulture, out var number))
        {
            var example = name == Names[^1] ? "0.15" : "500";
            problems.Add($"--watts has {name}=\"{value}\", but a level is a number of watts. Write {name}={example}.");
            return levels;
        }

        return name switch
        {
            "compute" => levels with { Compute = number },
            "communication" => levels with { Communication = number },
            "checkpoint" => levels with { Checkpoint = number },
            "restart" => levels with { Restart = number },
            "idle" => levels with { Idle = number },
            _ => levels with { CommunicationShare = number },
        };
    }
}
