using Altiplano.Distributed;
using CsCheck;

namespace Altiplano.Tests.Distributed;

public sealed class RankGroupTests
{
    [Fact]
    public void IndexOf_EveryRank_IsItsPlace() => Gen.Select(Gen.Int[0, 20], Gen.Int[1, 10], Gen.Int[1, 7]).Sample((first, count, stride) =>
    {
        var ranks = Enumerable.Range(0, count).Select(i => first + (i * stride)).ToArray();
        foreach (var group in new[] { RankGroup.Strided(first, count, stride), RankGroup.Of(ranks) })
        {
            for (var rank = 0; rank < 100; rank++)
                group.IndexOf(rank).ShouldBe(Array.IndexOf(ranks, rank));
        }
    });

    [Fact]
    public void Select_StridedOfStrided_IsWhatTheListGives() => Gen
        .Select(Gen.Int[0, 9], Gen.Int[1, 5], Gen.Int[0, 3], Gen.Int[1, 4], Gen.Int[1, 3])
        .Sample((first, stride, place, count, step) =>
        {
            var (outer, places) = (RankGroup.Strided(first, 20, stride), RankGroup.Strided(place, count, step));
            var (fast, listed) = (outer.Select(places), outer.Select(RankGroup.Of([.. Enumerable.Range(0, count).Select(i => places[i])])));
            Enumerable.Range(0, count).Select(i => fast[i]).ShouldBe(Enumerable.Range(0, count).Select(i => listed[i]));
        });

    [Fact]
    public void ToString_FewRanks_ListsThem()
    {
        RankGroup.Of(3).ToString().ShouldBe("rank 3");
        RankGroup.Of(36, 38).ToString().ShouldBe("ranks 36, 38");
    }

    [Fact]
    public void ToString_ManyRanks_SaysHowManyMore() =>
        RankGroup.All(100_352).ToString().ShouldBe("ranks 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 100,336 more");

    [Fact]
    public void Of_RankTwice_IsRefused() =>
        Should.Throw<ArgumentException>(() => RankGroup.Of(3, 1, 3)).Message.ShouldStartWith("A rank is named twice in 3, 1, 3.");

    [Fact]
    public void Of_NoRanks_IsRefused() =>
        Should.Throw<ArgumentException>(() => RankGroup.Of()).Message.ShouldStartWith("A group is of one rank or more, none below 0.");

    [Fact]
    public void Indexer_OutsideTheGroup_IsRefused() => Should.Throw<ArgumentOutOfRangeException>(() => RankGroup.All(3)[3]);
}
