using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;

namespace Altiplano.Tests.Planning.Reliability;

public sealed class RecoveryPolicyTests
{
    [Fact]
    public void FindProblems_PossiblePolicies_HaveNone() =>
        new[] { ReliabilityCases.Peer, ReliabilityCases.Memory, ReliabilityCases.Dropping }.SelectMany(p => p.FindProblems("recovery")).ShouldBeEmpty();

    [Fact]
    public void FindProblems_ImpossibleTimes_ListsAll() =>
        (ReliabilityCases.Memory with { Detection = new Seconds(-1), DiskRestart = default, Repair = default }).FindProblems("recovery").ShouldBe(
            [
                "recovery.detection is -1s, but a time cannot be negative. The least is 0s.",
                "recovery.repair is 0s, but a lost server takes a while. Write 2h, or 3d where parts are exchanged.",
                "recovery.disk_restart is 0s, but a lost server takes the checkpoint in its memory with it. Give the time of a restart from disk, such as 10min.",
            ]);

    [Fact]
    public void FindProblems_ImpossibleStragglers_ListsAll() =>
        new StragglerRates { Rate = FailureRate.PerThousandServerDays(-1), Slowdown = 1, Removal = new Seconds(-1) }.FindProblems("stragglers").ShouldBe(
            [
                "stragglers.rate is -1/1000 server-days, but a rate cannot be negative. The least is 0/1000 server-days.",
                "stragglers.removal is -1s, but a time cannot be negative. The least is 0s.",
                "stragglers.slowdown is 1, but a server can lose no more than all its speed. Use a number from 0 to 0.99.",
            ]);

    [Fact]
    public void FindProblems_ImpossibleRates_ListsAll() =>
        (ReliabilityCases.Uniform(-1, 1.5)).FindProblems("rates").ShouldBe(
            [
                "rates.unattributed.rate is -1/1000 server-days, but a rate cannot be negative. The least is 0/1000 server-days.",
                "rates.unattributed.server_loss_share is 1.5, but it is a share. Use a number from 0 to 1; the nearest is 1.",
            ]);

    [Fact]
    public void FindProblems_NoRates_AsksForOne() =>
        new FailureRates { Name = "none", Components = [] }.FindProblems("rates").ShouldBe(
            ["rates has no component, but a run without failures is no prediction. Add unattributed: {rate: 6.5/1000 server-days}."]);

    /// <summary>405B parameters: 5.7 TB, 2.8 s at Meta's sustained 2 TB/s, 6 ms over PCIe from each of 16,384 GPUs.</summary>
    [Fact]
    public void CheckpointTimes_Llama405B_AreSecondsAndMilliseconds()
    {
        var times = CheckpointTimes.Of(405.85e9 * CheckpointTimes.BytesPerParameter, 16_384, 55e9, 2e12);

        times.Write.Value.ShouldBe(2.84, 0.01);
        times.Copy.Value.ShouldBe(0.0063, 0.0001);
    }
}
