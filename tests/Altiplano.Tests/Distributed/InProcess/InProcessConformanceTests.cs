using Altiplano.Distributed.InProcess;
using Altiplano.MpiTests;

namespace Altiplano.Tests.Distributed.InProcess;

/// <summary>The suite of every communicator on threads.</summary>
public sealed class InProcessConformanceTests
{
    public static MatrixTheoryData<int, string> Worlds => new([1, 2, 3, 4, 7], ConformanceSuite.Cases.Keys);

    [Theory]
    [MemberData(nameof(Worlds))]
    public void Case_Threads_Holds(int ranks, string name) => InProcessWorld.Run(ranks, ConformanceSuite.Cases[name]);
}
