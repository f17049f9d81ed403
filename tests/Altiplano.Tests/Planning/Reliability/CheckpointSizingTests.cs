using Altiplano.Planning.Reliability;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Search;

namespace Altiplano.Tests.Planning.Reliability;

public sealed class CheckpointSizingTests
{
    /// <summary>16 GPUs, PCIe at 55 GB/s, network at 50 GB/s a GPU, storage at 2 TB/s.</summary>
    private const int Gpus = 16;

    private static readonly RecoveryPolicy Stated = new()
    {
        Name = "stated", Source = RestartSource.Disk, Detection = new Seconds(60), Restart = new Seconds(60), CheckpointBlocking = new Seconds(1), Repair = new Seconds(3600),
    };

    [Fact]
    public void Of_SynchronousWrite_StopsForCopyAndStorage()
    {
        // 14 bytes a parameter: 14 TB, 0.875 TB a GPU.
        var policy = CheckpointSizing.Of(Stated, 1e12, SearchSamples.Cluster(Gpus), Gpus);

        policy.CheckpointBlocking.Value.ShouldBe(0.875e12 / 55e9 + 7, 1e-9);
        policy.CheckpointWrite.Value.ShouldBe(0);
    }

    [Fact]
    public void Of_WriteToAPeer_GoesOverTheNetworkOfAll()
    {
        var policy = CheckpointSizing.Of(
            Stated with { Source = RestartSource.Peer, CheckpointWrite = new Seconds(2) }, 1e12, SearchSamples.Cluster(Gpus), Gpus);

        policy.CheckpointBlocking.Value.ShouldBe(0.875e12 / 55e9, 1e-9);
        policy.CheckpointWrite.Value.ShouldBe(0.875e12 / 50e9, 1e-9);
    }

    [Fact]
    public void Of_SmallModel_KeepsWhatIsStated() =>
        CheckpointSizing.Of(Stated with { CheckpointWrite = new Seconds(2) }, 1e9, SearchSamples.Cluster(Gpus), Gpus).ShouldBe(Stated with { CheckpointWrite = new Seconds(2) });
}
