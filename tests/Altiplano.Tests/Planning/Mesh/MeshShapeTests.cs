using Altiplano.Planning;
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

    [Theory]
    [InlineData("dp_shard left open takes the rest", 4, 2, 1)]
    [InlineData("dp_shard is given", 1, 2, 4)]
    public void On_RanksLeft_GoToTheDataAxisThatIsOpen(string _, int dpShard, int tp, int dpReplicate)
    {
        OrAuto<int> shard = dpShard == 1 ? 1 : default(OrAuto<int>);

        var mesh = new MeshSpec { DpShard = shard, DpReplicate = default, Tp = tp, Pp = default }.On(8);

        mesh.ShouldBe(new MeshShape { DpShard = dpShard, DpReplicate = dpReplicate, Tp = tp });
    }

    [Fact]
    public void On_NoNumberOfRanks_TakesOpenDegreesAsOne() =>
        new MeshSpec { Pp = default, DpShard = default, Tp = 2 }.On(null).ShouldBe(new MeshShape { Tp = 2 });

    [Theory]
    [InlineData(3, 8)]
    [InlineData(int.MaxValue, 8)]
    public void On_DegreesThatDoNotDivideTheRanks_StayAsGiven(int tp, int ranks) =>
        new MeshSpec { DpShard = default, Tp = tp, Cp = tp > 3 ? tp : 1 }.On(ranks).Tp.ShouldBe(tp);
}
