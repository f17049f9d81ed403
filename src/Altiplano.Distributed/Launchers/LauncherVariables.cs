namespace Altiplano.Distributed.Launchers;

/// <summary>The environment variables by which one launcher tells a process its place.</summary>
/// <param name="Title">Who sets them.</param>
/// <param name="Marks">One of them present says that this launcher was at work.</param>
internal sealed record LauncherVariables(LauncherKind Kind, string Title, string[] Marks, string Rank, string Size)
{
    /// <summary>Must be there beside a mark; null where a mark is enough.</summary>
    public string? Needs { get; init; }

    public string? LocalRank { get; init; }

    public string? LocalSize { get; init; }

    public string? NumHosts { get; init; }

    /// <summary>Host at which the ranks find one another; null where the launcher brings them together itself.</summary>
    public string? MasterAddress { get; init; }

    public string? MasterPort { get; init; }

    /// <summary>In the order in which they are looked for: mpirun inside a Slurm job or a pod leaves the variables of both.</summary>
    public static IReadOnlyList<LauncherVariables> All { get; } =
    [
        new(LauncherKind.OpenMpi, "mpirun of Open MPI",
            ["OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"], "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE")
        {
            LocalRank = "OMPI_COMM_WORLD_LOCAL_RANK", LocalSize = "OMPI_COMM_WORLD_LOCAL_SIZE", NumHosts = "OMPI_MCA_orte_num_nodes",
        },
        Hydra("MPI_LOCALRANKID", "MPI_LOCALNRANKS"),
        Srun(LauncherKind.SlurmPmix, "PMIX_RANK", "PMIX_NAMESPACE"),
        Srun(LauncherKind.SlurmPmi2, "PMI_RANK", "PMI_FD"),
        Srun(LauncherKind.SlurmWithoutPmi, "SLURM_STEP_ID"),
        Hydra("PMI_RANK", "PMI_SIZE"),
        Pod("RANK") with { Needs = "RANK" },
        Pod("JOB_COMPLETION_INDEX"),
        Torchrun("torchrun", ["RANK", "WORLD_SIZE", "LOCAL_RANK"], "RANK", "WORLD_SIZE", prefix: "") with
        {
            LocalRank = "LOCAL_RANK", LocalSize = "LOCAL_WORLD_SIZE", NumHosts = "GROUP_WORLD_SIZE",
        },
        // Arguments of torchrun that Kubeflow sets; a program started in its place is the only process of its pod.
        Torchrun("Kubeflow's runtime for torchrun", ["PET_NODE_RANK", "PET_NNODES"], "PET_NODE_RANK", "PET_NNODES", prefix: "PET_") with
        {
            NumHosts = "PET_NNODES",
        },
    ];

    /// <summary>Who starts ranks of a kind.</summary>
    public static string TitleOf(LauncherKind kind) => All.First(variables => variables.Kind == kind).Title;

    public bool ArePresentIn(IReadOnlyDictionary<string, string> environment) =>
        Array.Exists(Marks, environment.ContainsKey) && (Needs is null || environment.ContainsKey(Needs));

    private static LauncherVariables Hydra(params string[] marks) =>
        new(LauncherKind.Mpich, "mpiexec of MPICH", marks, "PMI_RANK", "PMI_SIZE") { LocalRank = "MPI_LOCALRANKID", LocalSize = "MPI_LOCALNRANKS" };

    /// <summary>A batch script has the job's variables too, but SLURM_STEP_ID only what srun started.</summary>
    private static LauncherVariables Srun(LauncherKind kind, params string[] marks) => new(kind, "srun", marks, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS")
    {
        Needs = "SLURM_STEP_ID", LocalRank = "SLURM_LOCALID", NumHosts = "SLURM_STEP_NUM_NODES",
    };

    private static LauncherVariables Pod(string rank) =>
        Torchrun("a manifest of 'altiplano launch --kubernetes'", ["JOB_COMPLETION_INDEX"], rank, "WORLD_SIZE", prefix: "") with
        {
            Kind = LauncherKind.Kubernetes,
            LocalRank = "LOCAL_RANK",
            LocalSize = "LOCAL_WORLD_SIZE",
        };

    private static LauncherVariables Torchrun(string title, string[] marks, string rank, string size, string prefix) =>
        new(LauncherKind.Torchrun, title, marks, rank, size)
        {
            MasterAddress = $"{prefix}MASTER_ADDR", MasterPort = $"{prefix}MASTER_PORT",
        };
}
