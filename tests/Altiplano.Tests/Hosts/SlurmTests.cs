using Altiplano.Tests.Program;

namespace Altiplano.Tests.Hosts;

/// <summary>Programs under a Slurm of their own, whose nodes are network namespaces.</summary>
public sealed class SlurmTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string MpiTests { get; } = Path.Combine(AppContext.BaseDirectory, "Altiplano.MpiTests");

    [Theory]
    [InlineData("pmix", "libmpi.so.40", "Open MPI")]
    [InlineData("pmi2", "libmpich.so.12", "MPICH")]
    public void Srun_FourNodes_RanksMeet(string pmi, string library, string family) =>
        Lab.Run(4, Limit, "with-slurm", "env", $"ALTIPLANO_MPI_LIB={library}", "srun", "-N4", "-n4", $"--mpi={pmi}", MpiTests, "conformance")
            .ShouldExitWith(0).Output.ShouldMatch($@"^\d+ cases passed on 4 ranks of {family}");
}
