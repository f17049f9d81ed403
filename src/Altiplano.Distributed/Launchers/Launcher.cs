using System.Collections;

namespace Altiplano.Distributed.Launchers;

/// <summary>Who started this process, and as which of how many ranks, as its environment tells.</summary>
public sealed record Launcher
{
    public required LauncherKind Kind { get; init; }

    /// <summary>From 0; 0 where it cannot be told.</summary>
    public int Rank { get; init; }

    /// <summary>Ranks of the job; 1 where it cannot be told.</summary>
    public int Size { get; init; } = 1;

    /// <summary>Rank among those on the same host; null where nobody says.</summary>
    public int? LocalRank { get; init; }

    /// <summary>Hosts of the job; null where nobody says.</summary>
    public int? NumHosts { get; init; }

    /// <summary>Host of rank 0, of those who find one another at an address; null for others.</summary>
    public string? MasterAddress { get; init; }

    public int? MasterPort { get; init; }

    /// <summary>What is wrong with the variables: each names one, the rule and the remedy. The ranks mean nothing where there are any.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>True where ranks find one another through MPI; false for a lone process and for launchers of GPU programs.</summary>
    public bool HasMpi => Kind is LauncherKind.OpenMpi or LauncherKind.Mpich or LauncherKind.SlurmPmix or LauncherKind.SlurmPmi2;

    /// <summary>Of this process.</summary>
    public static Launcher Detect() => Detect(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? ""));

    /// <param name="environment">Names and values.</param>
    public static Launcher Detect(IReadOnlyDictionary<string, string> environment)
    {
        var variables = LauncherVariables.All.FirstOrDefault(candidate => candidate.ArePresentIn(environment));
        return variables is null ? new Launcher { Kind = LauncherKind.None } : LauncherReader.Read(variables, environment);
    }

    /// <summary>Why this job cannot run on CPUs, where only MPI connects processes; nothing where it can.</summary>
    /// <param name="command">What follows the launcher, as "altiplano train run.yaml".</param>
    public IReadOnlyList<string> FindProblemsOnCpu(string command) => Problems.Count > 0 || MasterAddress is null ? Problems :
    [
        $"This is rank {Rank} of {Size} at MASTER_ADDR {MasterAddress}, as {Origin} sets it for GPUs, but on CPU ranks find one another " +
        $"through MPI. Use: {MpirunLine(command)}{(Kind == LauncherKind.Kubernetes ? ", or 'altiplano launch RUN.yaml --kubernetes --cpu'" : "")}",
    ];

    /// <summary>Why the world that MPI made is not the one that was started; nothing where it is.</summary>
    /// <param name="worldSize">Ranks that the MPI library sees.</param>
    /// <param name="library">What the library calls itself.</param>
    public IReadOnlyList<string> FindProblemsOfWorld(int worldSize, string library) => !HasMpi || worldSize == Size ? [] :
    [
        $"{LauncherVariables.TitleOf(Kind)} started {Size} ranks, but {library} sees a world of {worldSize}: launcher and library are of different " +
        "MPIs. Start with the mpirun of the same MPI, or set ALTIPLANO_MPI_LIB to libmpi.so.40 (Open MPI) or libmpich.so.12 (MPICH).",
    ];

    private string Origin => Kind == LauncherKind.Kubernetes ? "a JobSet" : "torchrun";

    private string MpirunLine(string command)
    {
        var hosts = NumHosts is > 1 and var n && Size % n == 0 ? $" --host {HostList(n, Size / n)}" : "";
        return $"mpirun -n {Size}{hosts} --bind-to none {command}";
    }

    /// <summary>Names for the reader to replace, with ranks on each.</summary>
    private static string HostList(int numHosts, int ranksEach) => numHosts > 3
        ? $"HOST1:{ranksEach},...,HOST{numHosts}:{ranksEach}"
        : string.Join(',', Enumerable.Range(1, numHosts).Select(host => $"HOST{host}:{ranksEach}"));
}
