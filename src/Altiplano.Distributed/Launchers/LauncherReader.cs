using System.Net;

namespace Altiplano.Distributed.Launchers;

/// <summary>Reads the variables of the launcher that was found.</summary>
internal static class LauncherReader
{
    private const string ProcessesOfPod = "PET_NPROC_PER_NODE";

    public static Launcher Read(LauncherVariables variables, IReadOnlyDictionary<string, string> environment)
    {
        var reading = new VariableReading(environment, variables);
        var rank = reading.ReadNumber(variables.Rank, least: 0);
        var size = reading.ReadNumber(variables.Size, least: 1);
        var launcher = new Launcher
        {
            Kind = variables.Kind,
            Rank = rank,
            Size = Math.Max(size, 1),
            LocalRank = reading.Find(variables.LocalRank, least: 0),
            NumHosts = reading.Find(variables.NumHosts, least: 1) ?? HostsOf(size, reading.Find(variables.LocalSize, least: 1)),
            MasterAddress = variables.MasterAddress is { } address ? reading.ReadText(address) : null,
            MasterPort = variables.MasterPort is { } port ? reading.ReadNumber(port, least: 1) : null,
        };
        if (reading.Problems.Count == 0)
            CheckTogether(launcher, variables, environment, reading);
        return launcher with { Problems = reading.Problems };
    }

    /// <summary>Full hosts only: the launcher may have filled the last one less.</summary>
    private static int? HostsOf(int size, int? localSize) => localSize is { } local && size % local == 0 ? size / local : null;

    private static void CheckTogether(
        Launcher launcher, LauncherVariables variables, IReadOnlyDictionary<string, string> environment, VariableReading reading)
    {
        reading.Require(launcher.Rank < launcher.Size,
            $"{variables.Rank} is {launcher.Rank}, but {variables.Size} is {launcher.Size} and ranks are counted from 0. Both are set by " +
            $"{variables.Title}: let one of them start every rank.");
        reading.Require(launcher.Kind != LauncherKind.SlurmWithoutPmi || launcher.Size == 1,
            $"SLURM_STEP_NUM_TASKS is {launcher.Size}, but srun offers no PMI, through which ranks find one another. " +
            "Use srun --mpi=pmix (Open MPI) or srun --mpi=pmi2 (MPICH); 'srun --mpi=list' shows what this Slurm has.");
        reading.Require(launcher.MasterAddress is null || !IsLoopback(launcher.MasterAddress) || !HasSeveralHosts(launcher),
            $"{variables.MasterAddress} is {launcher.MasterAddress}, which is another place on each host, but the {launcher.Size} ranks are on " +
            $"{(launcher.NumHosts is { } hosts ? $"{hosts}" : "several")} hosts. Use a name or address of rank 0's host that the others can reach.");
        reading.Require(launcher.MasterPort is null or <= IPEndPoint.MaxPort,
            $"{variables.MasterPort} is {launcher.MasterPort}, but ports end at {IPEndPoint.MaxPort}. Use one from 1024.");
        var processes = environment.GetValueOrDefault(ProcessesOfPod, "1");
        reading.Require(variables.Rank != "PET_NODE_RANK" || processes == "1",
            $"{ProcessesOfPod} is {processes}, which tells torchrun to start as many processes in each pod, but this is one, started without " +
            "torchrun. Use 'altiplano launch RUN.yaml --kubernetes', whose manifest starts them all, or one process a pod.");
    }

    private static bool HasSeveralHosts(Launcher launcher) =>
        launcher.NumHosts > 1 || (launcher.NumHosts is null && launcher.LocalRank is { } local && local != launcher.Rank);

    private static bool IsLoopback(string address) =>
        address.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
        address.StartsWith("localhost.", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(address, out var parsed) && (IPAddress.IsLoopback(parsed) || parsed.Equals(IPAddress.Any)));
}
