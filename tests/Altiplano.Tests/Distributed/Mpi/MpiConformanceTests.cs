using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.Mpi;

/// <summary>The suite of every communicator on processes, with both families of libraries from one build.</summary>
public sealed class MpiConformanceTests
{
    public static MatrixTheoryData<string, int> Worlds => new(["Open MPI", "MPICH"], [1, 2, 3, 4]);

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Cases_Processes_Hold(string family, int ranks) => MpiJob.Run(family, ranks, "conformance")
        .ShouldExitWith(0).Output.ShouldContain($"{ConformanceSuite.Cases.Count} cases passed on {ranks} ranks of {family}");
}
