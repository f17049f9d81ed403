using Altiplano.Tests.Program;

namespace Altiplano.Tests.Hosts;

/// <summary>Programs under a Slurm of their own, whose nodes are network namespaces.</summary>
public sealed class SlurmTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static string MpiTests { get; } = Path.Combine(AppContext.BaseDirectory, "Altiplano.MpiTests");

    [Fact]
    public void Srun_FourNodes_RanksMeet() =>
        Lab.Run(4, Limit, "with-slurm", "env", "ALTIPLANO_MPI_LIB=libmpi.so.40", "srun", "-N4", "-n4", "--mpi=pmix", MpiTests, "conformance")
            .ShouldExitWith(0).Output.ShouldMatch(@"^\d+ cases passed on 4 ranks of Open MPI");
}
