using System.Text.RegularExpressions;

namespace Altiplano.Cli.Launch.Slurm;

/// <summary>What a batch job asks of Slurm, and what it runs.</summary>
internal sealed partial record SlurmJob
{
    public required JobSize Size { get; init; }

    /// <summary>Program and arguments, each one word.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    public required string Name { get; init; }

    /// <summary>File of all output; %j is the job's number.</summary>
    public required string Log { get; init; }

    public string? Partition { get; init; }
    public string? Account { get; init; }
    public string? Qos { get; init; }
    public string? Constraint { get; init; }
    public string? Time { get; init; }

    /// <summary>Most switches between the nodes and how long to wait for them, as 1@12:00:00.</summary>
    public string? Switches { get; init; }

    public bool IsContiguous { get; init; }
    public bool IsExclusive { get; init; }
    public int CpusPerTask { get; init; } = 1;
    public int MaxRequeues { get; init; }

    /// <summary>Seconds before the end of the time at which ranks are told to save.</summary>
    public int GraceSeconds { get; init; }

    /// <summary>Of srun: pmix or pmi2.</summary>
    public string Pmi { get; init; } = "pmix";

    /// <summary>An image of Pyxis, or a .sif file of Apptainer; null for the nodes' own files.</summary>
    public string? Container { get; init; }

    /// <summary>Folders that a container sees.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    public bool HasApptainer => Container?.EndsWith(".sif", StringComparison.Ordinal) == true;

    public IEnumerable<string> FindProblems()
    {
        var words = new[]
        {
            ("--name", Name), ("--partition", Partition), ("--account", Account), ("--qos", Qos), ("--constraint", Constraint), ("--switches", Switches),
        };
        foreach (var (option, value) in words)
        {
            if (value is not null && !Word().IsMatch(value))
                yield return $"{option} is \"{value}\", but Slurm takes letters, digits and . _ : , @ & | + - here, without blanks. Write it so.";
        }

        if (Time is not null && !Duration().IsMatch(Time))
            yield return $"--time is \"{Time}\", but Slurm takes MINUTES, HOURS:MINUTES:SECONDS or DAYS-HOURS:MINUTES:SECONDS. Write 12:00:00 for half a day.";
        if (!Line().IsMatch(Log))
            yield return $"--log is \"{Log}\", but a path in a batch script has no quotes, backslashes or line breaks. Name another file.";
        foreach (var mount in Mounts.Where(mount => Container is not null && !MountPath().IsMatch(mount)))
            yield return $"{mount} is to be seen in the container, but a mounted folder has no colon, comma or line break in its path. Rename it, or give --mount.";
        if (Command.FirstOrDefault(word => word.Contains('\n', StringComparison.Ordinal)) is { } broken)
            yield return $"\"{broken}\" has a line break, but a batch script runs one line. Remove it.";
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:,@&|+-]*\z")]
    private static partial Regex Word();

    [GeneratedRegex(@"\A(\d+-\d+(:\d{1,2}){0,2}|\d+(:\d{1,2}){0,2})\z")]
    private static partial Regex Duration();

    [GeneratedRegex("""\A[^"\\\p{Cc}]+\z""")]
    private static partial Regex Line();

    [GeneratedRegex(@"\A[^:,\p{Cc}]+\z")]
    private static partial Regex MountPath();
}
