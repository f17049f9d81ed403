using Altiplano.Planning.Mesh;

namespace Altiplano.Tests.Planning.Mesh;

public sealed class MeshShapeTests
{
    [Fact]
    public void ToString_Shape_IsTheIdentity() =>
        new MeshShape { Pp = 2, DpShard = 4, Tp = 2, Ep = 2 }.ToString()
            .ShouldBe("world 16 = pp 2 x dp_replicate 1 x dp_shard 4 x cp 1 x tp 2, ep 2 of dp_shard x cp");

    [Fact]
    public void FindProblems_DegreeBelowOne_NamesTheAxis() =>
        new MeshShape { Tp = 0 }.FindProblems("mesh").ShouldBe(["mesh.tp is 0, but an axis has 1 rank or more."]);

    [Fact]
    public void FindProblems_ExpertsThatDoNotDivide_SaysWhatTheyAreCarvedFrom() =>
        new MeshShape { DpShard = 2, Cp = 2, Ep = 3 }.FindProblems("mesh").ShouldBe(
            ["mesh.ep is 3, but it must divide dp_shard x cp = 2 x 2 = 4, out of which it is carved."]);

    [Fact]
    public void OnOneProcess_AutoDegrees_AreOne() =>
        new MeshSpec { Pp = default, DpShard = default }.OnOneProcess().World.ShouldBe(1);
}
