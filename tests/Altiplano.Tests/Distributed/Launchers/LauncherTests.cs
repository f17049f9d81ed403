using Altiplano.Distributed.Launchers;

namespace Altiplano.Tests.Distributed.Launchers;

public sealed class LauncherTests
{
    private const string Torchrun = "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 LOCAL_WORLD_SIZE=4 MASTER_ADDR=node1 MASTER_PORT=29500";
    private const string Pod = "JOB_COMPLETION_INDEX=1 RANK=9 WORLD_SIZE=16 LOCAL_RANK=1 LOCAL_WORLD_SIZE=8 MASTER_ADDR=run-0-0.run MASTER_PORT=29500";
    private const string Slurm = "SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=4 SLURM_LOCALID=0 SLURM_STEP_NUM_NODES=2";
    private const string OpenMpi =
        "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2 OMPI_MCA_orte_num_nodes=2 PMIX_RANK=3";

    public static TheoryData<string, Launcher> Launchers => new()
    {
        { "HOME=/root", new Launcher { Kind = LauncherKind.None } },
        { OpenMpi, new Launcher { Kind = LauncherKind.OpenMpi, Rank = 3, Size = 4, LocalRank = 1, NumHosts = 2 } },
        { $"{OpenMpi} {Slurm}", new Launcher { Kind = LauncherKind.OpenMpi, Rank = 3, Size = 4, LocalRank = 1, NumHosts = 2 } },
        {
            "PMI_RANK=1 PMI_SIZE=6 MPI_LOCALRANKID=1 MPI_LOCALNRANKS=3 PMI_FD=6",
            new Launcher { Kind = LauncherKind.Mpich, Rank = 1, Size = 6, LocalRank = 1, NumHosts = 2 }
        },
        { $"{Slurm} PMIX_RANK=2", new Launcher { Kind = LauncherKind.SlurmPmix, Rank = 2, Size = 4, LocalRank = 0, NumHosts = 2 } },
        { $"{Slurm} PMI_FD=9", new Launcher { Kind = LauncherKind.SlurmPmi2, Rank = 2, Size = 4, LocalRank = 0, NumHosts = 2 } },
        {
            "SLURM_STEP_ID=0 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1",
            new Launcher { Kind = LauncherKind.SlurmWithoutPmi, Rank = 0, Size = 1 }
        },
        { "SLURM_JOB_ID=7 SLURM_PROCID=0 SLURM_NTASKS=4", new Launcher { Kind = LauncherKind.None } },
        {
            Torchrun,
            new Launcher { Kind = LauncherKind.Torchrun, Rank = 5, Size = 8, LocalRank = 1, NumHosts = 2, MasterAddress = "node1", MasterPort = 29500 }
        },
        {
            "PET_NNODES=2 PET_NODE_RANK=1 PET_NPROC_PER_NODE=1 PET_MASTER_ADDR=run-node-0-0.run PET_MASTER_PORT=29400",
            new Launcher { Kind = LauncherKind.Torchrun, Rank = 1, Size = 2, NumHosts = 2, MasterAddress = "run-node-0-0.run", MasterPort = 29400 }
        },
        {
            Pod,
            new Launcher { Kind = LauncherKind.Kubernetes, Rank = 9, Size = 16, LocalRank = 1, NumHosts = 2, MasterAddress = "run-0-0.run", MasterPort = 29500 }
        },
        {
            "JOB_COMPLETION_INDEX=3 WORLD_SIZE=4 MASTER_ADDR=run-0-0.run MASTER_PORT=29500",
            new Launcher { Kind = LauncherKind.Kubernetes, Rank = 3, Size = 4, MasterAddress = "run-0-0.run", MasterPort = 29500 }
        },
    };

    public static TheoryData<string, string> Faults => new()
    {
        {
            "OMPI_COMM_WORLD_SIZE=4",
            "OMPI_COMM_WORLD_RANK is missing, but OMPI_COMM_WORLD_SIZE is set: mpirun of Open MPI sets both. " +
            "Pass both on to the program, or unset OMPI_COMM_WORLD_SIZE for a run on one rank."
        },
        {
            "PMI_RANK=0 MPI_LOCALRANKID=0",
            "PMI_SIZE is missing, but MPI_LOCALRANKID is set: mpiexec of MPICH sets both. " +
            "Pass both on to the program, or unset MPI_LOCALRANKID for a run on one rank."
        },
        {
            "SLURM_STEP_ID=0 PMIX_RANK=0 SLURM_PROCID=0",
            "SLURM_STEP_NUM_TASKS is missing, but PMIX_RANK is set: srun sets both. Pass both on to the program, or unset PMIX_RANK for a run on one rank."
        },
        {
            "RANK=0 WORLD_SIZE=4 MASTER_PORT=29500",
            "MASTER_ADDR is missing, but RANK is set: torchrun sets both. Pass both on to the program, or unset RANK for a run on one rank."
        },
        {
            "JOB_COMPLETION_INDEX=0 MASTER_ADDR=run-0-0.run MASTER_PORT=29500",
            "WORLD_SIZE is missing, but JOB_COMPLETION_INDEX is set: a manifest of 'altiplano launch --kubernetes' sets both. " +
            "Pass both on to the program, or unset JOB_COMPLETION_INDEX for a run on one rank."
        },
        {
            "OMPI_COMM_WORLD_RANK=4 OMPI_COMM_WORLD_SIZE=4",
            "OMPI_COMM_WORLD_RANK is 4, but OMPI_COMM_WORLD_SIZE is 4 and ranks are counted from 0. Both are set by mpirun of Open MPI: " +
            "let one of them start every rank."
        },
        {
            "OMPI_COMM_WORLD_RANK=-1 OMPI_COMM_WORLD_SIZE=4",
            "OMPI_COMM_WORLD_RANK is \"-1\", but it must be a whole number, 0 or more. It is set by mpirun of Open MPI."
        },
        {
            Slurm,
            "SLURM_STEP_NUM_TASKS is 4, but srun offers no PMI, through which ranks find one another. " +
            "Use srun --mpi=pmix (Open MPI) or srun --mpi=pmi2 (MPICH); 'srun --mpi=list' shows what this Slurm has."
        },
        {
            Torchrun.Replace("node1", "127.0.0.1"),
            "MASTER_ADDR is 127.0.0.1, which is another place on each host, but the 8 ranks are on 2 hosts. " +
            "Use a name or address of rank 0's host that the others can reach."
        },
        {
            "RANK=5 WORLD_SIZE=8 LOCAL_RANK=1 MASTER_ADDR=localhost MASTER_PORT=29500",
            "MASTER_ADDR is localhost, which is another place on each host, but the 8 ranks are on several hosts. " +
            "Use a name or address of rank 0's host that the others can reach."
        },
        {
            Torchrun.Replace("29500", "70000"), "MASTER_PORT is 70000, but ports end at 65535. Use one from 1024."
        },
        {
            "PET_NNODES=2 PET_NODE_RANK=1 PET_NPROC_PER_NODE=8 PET_MASTER_ADDR=run-node-0-0.run PET_MASTER_PORT=29400",
            "PET_NPROC_PER_NODE is 8, which tells torchrun to start as many processes in each pod, but this is one, started without torchrun. " +
            "Use 'altiplano launch RUN.yaml --kubernetes', whose manifest starts them all, or one process a pod."
        },
    };

    [Theory]
    [MemberData(nameof(Launchers))]
    public void Detect_Variables_TellThePlace(string variables, Launcher expected)
    {
        var launcher = Detect(variables);

        launcher.Problems.ShouldBeEmpty();
        (launcher with { Problems = expected.Problems }).ShouldBe(expected);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Detect_Fault_SaysWhichVariableAndWhatToDo(string variables, string problem) => Detect(variables).Problems.ShouldBe([problem]);

    [Fact]
    public void Detect_LoopbackOnOneHost_IsAllowed() =>
        Detect("RANK=1 WORLD_SIZE=2 LOCAL_RANK=1 LOCAL_WORLD_SIZE=2 MASTER_ADDR=localhost MASTER_PORT=29500").Problems.ShouldBeEmpty();

    [Fact]
    public void FindProblemsOnCpu_Torchrun_GivesTheMpirunLine() => Detect(Torchrun).FindProblemsOnCpu("altiplano train run.yaml").ShouldBe(
    [
        "This is rank 5 of 8 at MASTER_ADDR node1, as torchrun sets it for GPUs, but on CPU ranks find one another through MPI. " +
        "Use: mpirun -n 8 --host HOST1:4,HOST2:4 --bind-to none altiplano train run.yaml",
    ]);

    [Fact]
    public void FindProblemsOnCpu_JobSet_GivesTheMpiJobToo() =>
        Detect(Pod.Replace("WORLD_SIZE=16", "WORLD_SIZE=32", StringComparison.Ordinal)).FindProblemsOnCpu("altiplano train run.yaml").ShouldBe(
        [
            "This is rank 9 of 32 at MASTER_ADDR run-0-0.run, as a JobSet sets it for GPUs, but on CPU ranks find one another through MPI. " +
            "Use: mpirun -n 32 --host HOST1:8,...,HOST4:8 --bind-to none altiplano train run.yaml, " +
            "or 'altiplano launch RUN.yaml --kubernetes --cpu'",
        ]);

    [Fact]
    public void FindProblemsOnCpu_Mpi_AreNone() => Detect(OpenMpi).FindProblemsOnCpu("altiplano train run.yaml").ShouldBeEmpty();

    [Fact]
    public void FindProblemsOfWorld_OtherMpi_IsTold() => Detect(OpenMpi).FindProblemsOfWorld(1, "MPICH 4.0.2").ShouldBe(
    [
        "mpirun of Open MPI started 4 ranks, but MPICH 4.0.2 sees a world of 1: launcher and library are of different MPIs. " +
        "Start with the mpirun of the same MPI, or set ALTIPLANO_MPI_LIB to libmpi.so.40 (Open MPI) or libmpich.so.12 (MPICH).",
    ]);

    [Fact]
    public void FindProblemsOfWorld_AllThere_AreNone() => Detect(OpenMpi).FindProblemsOfWorld(4, "Open MPI v4.1.4").ShouldBeEmpty();

    private static Launcher Detect(string variables) => Launcher.Detect(
        variables.Split(' ').Select(variable => variable.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]));
}
