namespace Altiplano.Distributed.Launchers;

/// <summary>What started this process as one of many.</summary>
public enum LauncherKind
{
    /// <summary>Nothing did: it is the only rank.</summary>
    None,

    /// <summary>mpirun of Open MPI, also inside a Slurm or Kubernetes job.</summary>
    OpenMpi,

    /// <summary>mpiexec (hydra) of MPICH, Intel MPI and their kin.</summary>
    Mpich,

    /// <summary>srun --mpi=pmix.</summary>
    SlurmPmix,

    /// <summary>srun --mpi=pmi2.</summary>
    SlurmPmi2,

    /// <summary>srun that offers no PMI, over which ranks would find one another.</summary>
    SlurmWithoutPmi,

    /// <summary>A pod of an indexed Kubernetes job, as a JobSet makes them.</summary>
    Kubernetes,

    /// <summary>torchrun, or whoever sets its variables.</summary>
    Torchrun,
}
