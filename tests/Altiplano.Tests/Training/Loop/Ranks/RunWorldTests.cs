using Altiplano.Planning;
using Altiplano.Training.Loop.Ranks;

namespace Altiplano.Tests.Training.Loop.Ranks;

public sealed class RunWorldTests
{
    [Fact]
    public void Together_TwoRanksRefused_AllStopAndTheLowestHasTheCause()
    {
        var stopped = new RunStoppedException[4];

        MeshRun.RunRanks(4, world => stopped[world.Rank] = Should.Throw<RunStoppedException>(() => world.Together(() =>
        {
            if (world.Rank is 1 or 3)
                throw new ConfigException($"no. {world.Rank}");
        })));

        stopped.ShouldAllBe(exception => exception.Rank == 1);
        stopped[1].InnerException.ShouldBeOfType<ConfigException>().Message.ShouldBe("no. 1");
        stopped.Where(exception => exception.InnerException is not null).ShouldHaveSingleItem();
    }

    [Fact]
    public void Together_NoneRefused_ReturnsEachRanksOwn() =>
        MeshRun.RunRanks(3, world => world.Together(() => world.Rank * 10).ShouldBe(world.Rank * 10));

    [Fact]
    public void Together_ProcessAlone_ThrowsTheCauseItself() =>
        Should.Throw<ConfigException>(() => RunWorld.Alone.Together(() => throw new ConfigException("no")));

    [Fact]
    public void FromFirst_AnyRank_HasTheFirstRanksNumber() =>
        MeshRun.RunRanks(3, world => world.FromFirst(() => 40 + world.Rank).ShouldBe(40));

    [Fact]
    public void Require_FactsOfTwoRanksDiffer_NamesTheRanksAndWhatDiffers()
    {
        var stopped = new RunStoppedException[5];

        MeshRun.RunRanks(5, world => stopped[world.Rank] = Should.Throw<RunStoppedException>(() => RunAgreement.Require(
            world,
            new RunFact("The resolved run file", world.Rank is 2 or 4 ? "lr: 2" : "lr: 1", "Use one."),
            new RunFact("The program", "same", "Install one."))));

        stopped[0].InnerException!.Message.ShouldBe(
            "The resolved run file of ranks 2, 4 is not that of rank 0, but all ranks of a run must have the same. Use one.");
        stopped.Skip(1).ShouldAllBe(exception => exception.InnerException == null);
    }

    [Fact]
    public void Require_SameFacts_Returns() =>
        MeshRun.RunRanks(3, world => RunAgreement.Require(world, new RunFact("The program", "same", "Install one.")));

    [Fact]
    public void Share_RankWithAnotherFolder_NamesItsHost()
    {
        using var folder = new TempFolder();
        var stopped = new RunStoppedException[2];

        MeshRun.RunRanks(2, world => stopped[world.Rank] = Should.Throw<RunStoppedException>(
            () => new RankFolder(new(folder[$"of-{world.Rank}"]), 7).Share(world)));

        stopped[1].InnerException!.Message.ShouldBe(
            $"run.out is {folder["of-1"]}, but what rank 0 wrote there is not seen by rank 1 on {Environment.MachineName}. " +
            "Give a folder on a file system that every host mounts.");
    }

    [Fact]
    public void TryNoteAborted_TwoRanks_OneSpeaks()
    {
        using var folder = new TempFolder();
        var ranks = new RankFolder(new(folder.Root), 7);
        Directory.CreateDirectory(folder["ranks"]);

        ranks.TryNoteAborted(12, "Rank 0 waited.").ShouldBeTrue();
        ranks.TryNoteAborted(12, "Rank 2 waited.").ShouldBeFalse();

        File.ReadAllText(folder["events.jsonl"]).ShouldContain("\"event\":\"aborted\",\"step\":12,\"detail\":\"Rank 0 waited.\"");
    }
}
