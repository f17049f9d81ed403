using System.Text.RegularExpressions;

namespace Altiplano.Cli.Launch.Kubernetes;

/// <summary>Storage that every pod sees at the same path.</summary>
internal readonly record struct VolumeMount(string Claim, string Path)
{
    public bool Holds(string path) => path == Path || path.StartsWith(Path.TrimEnd('/') + "/", StringComparison.Ordinal);
}

/// <summary>What a job asks of Kubernetes, and what it runs.</summary>
internal sealed partial record KubernetesJob
{
    public required JobSize Size { get; init; }

    /// <summary>The resolved run file, which the pods get as a file.</summary>
    public required string RunFileText { get; init; }

    /// <summary>What must lie on a volume, by key of the run file.</summary>
    public required IReadOnlyList<(string Key, string Path)> Paths { get; init; }

    /// <summary>Of every object; also the beginning of the pods' host names.</summary>
    public required string Name { get; init; }

    /// <summary>With altiplano on its PATH; for CPU also with Open MPI and sshd.</summary>
    public required string Image { get; init; }

    public string? Namespace { get; init; }
    public IReadOnlyList<VolumeMount> Volumes { get; init; } = [];

    /// <summary>Cores of each rank.</summary>
    public int CpusPerRank { get; init; } = 1;

    /// <summary>Of each pod, as Kubernetes writes it (64Gi); null for no request.</summary>
    public string? Memory { get; init; }

    /// <summary>Network devices of each pod, by resource name, as (rdma/ib, 8).</summary>
    public (string Name, int Count)? Rdma { get; init; }

    /// <summary>Size of /dev/shm, over which ranks of one pod exchange memory.</summary>
    public string SharedMemory { get; init; } = "16Gi";

    /// <summary>Kueue's local queue; null for none.</summary>
    public string? Queue { get; init; }

    /// <summary>Node label whose value all pods are to share, as a rack or a block.</summary>
    public string? Topology { get; init; }

    public int MaxRestarts { get; init; }

    /// <summary>Seconds that a pod gets to save before it is killed.</summary>
    public int GraceSeconds { get; init; }

    public IEnumerable<string> FindProblems()
    {
        if (!DnsLabel().IsMatch(Name) || Name.Length > 40)
            yield return $"--name is \"{Name}\", but host names are made of it: up to 40 lower-case letters, digits and -, a letter first. Write it so.";
        if (Namespace is not null && !DnsLabel().IsMatch(Namespace))
            yield return $"--namespace is \"{Namespace}\", but a namespace has lower-case letters, digits and - only. Write it so.";
        foreach (var (option, value) in new[] { ("--queue", Queue), ("--topology", Topology), ("--rdma", Rdma?.Name) })
        {
            if (value is not null && !QualifiedName().IsMatch(value))
                yield return $"{option} is \"{value}\", but Kubernetes takes names such as topology.kubernetes.io/zone here. Write it so.";
        }

        foreach (var (option, value) in new[] { ("--memory", Memory), ("--shm", SharedMemory) })
        {
            if (value is not null && !Quantity().IsMatch(value))
                yield return $"{option} is \"{value}\", but it must be a number with Mi, Gi, Ti, M, G or T behind it, such as 64Gi.";
        }

        foreach (var volume in Volumes.Where(volume => !DnsLabel().IsMatch(volume.Claim) || !volume.Path.StartsWith('/')))
            yield return $"--volume is \"{volume.Claim}:{volume.Path}\", but it must be CLAIM:/PATH, with the name of a PersistentVolumeClaim.";
        foreach (var (key, path) in Paths.Where(needed => !Volumes.Any(volume => volume.Holds(needed.Path))))
            yield return $"{key} is {path}, but no volume is mounted there, so the pods would not see it. Use --volume CLAIM:{Path.GetDirectoryName(path)}, or another path.";
    }

    [GeneratedRegex(@"\A[a-z]([a-z0-9-]*[a-z0-9])?\z")]
    private static partial Regex DnsLabel();

    [GeneratedRegex(@"\A([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"\A[1-9][0-9]*(Mi|Gi|Ti|M|G|T)\z")]
    private static partial Regex Quantity();
}
