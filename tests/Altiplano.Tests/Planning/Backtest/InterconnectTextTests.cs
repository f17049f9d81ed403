using Altiplano.Planning.Backtest;
using Altiplano.Planning.Hardware;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class InterconnectTextTests
{
    private static readonly PublishedGpu H100 = PublishedGpu.Find("H100")!;

    /// <summary>Gb/s of a GPU in a server of eight; texts of published runs and their like.</summary>
    [Theory]
    [InlineData("Selene: 8x HDR 200 Gb/s IB per DGX A100, 3-level fat tree, NVLink3", FabricKind.InfiniBand, 200)]
    [InlineData("DGX H100: 8x ConnectX-7 400 Gb/s per node, NVLink4", FabricKind.InfiniBand, 400)]
    [InlineData("8x400 Gb/s IB per node, multi-plane fat tree; NVLink 400 GB/s (H800)", FabricKind.InfiniBand, 400)]
    [InlineData("Jean Zay: 4x Omni-Path 100 Gb/s links per 8-GPU node", FabricKind.OmniPath, 50)]
    [InlineData("1600 Gb/s RoCE node-to-node", FabricKind.Roce, 200)]
    [InlineData("RoCE 400 Gb/s per GPU; 3-level Clos, 3,072-GPU pods, 1:7 oversubscription between 8 pods", FabricKind.Roce, 400)]
    [InlineData("InfiniBand NDR, one NIC for each GPU", FabricKind.InfiniBand, 400)]
    [InlineData("8x NDR per node", FabricKind.InfiniBand, 400)]
    [InlineData("4 x HDR InfiniBand per node", FabricKind.InfiniBand, 100)]
    [InlineData("8x 200G RoCE", FabricKind.Roce, 200)]
    [InlineData("2x200 Gb/s per GPU, Ethernet", FabricKind.Roce, 400)]
    [InlineData("8x 400 Gb/s (one per GPU), InfiniBand", FabricKind.InfiniBand, 400)]
    [InlineData("400GbE per GPU", FabricKind.Roce, 400)]
    [InlineData("3,200 Gbps EFA per instance", FabricKind.Efa, 400)]
    [InlineData("3.2 Tb/s InfiniBand", FabricKind.InfiniBand, 400)]
    [InlineData("AWS EFA 400 Gbps per node", FabricKind.Efa, 50)]
    [InlineData("NVLink 900 GB/s + InfiniBand 50 GB/s per GPU", FabricKind.InfiniBand, 400)]
    [InlineData("NVLink3 600 GB/s; 800 Gb/s InfiniBand per node", FabricKind.InfiniBand, 100)]
    [InlineData("8x 200 Gb/s NICs per server, Tomahawk 4 switches", FabricKind.Roce, 200)]
    [InlineData("Slingshot 11, 4x 200 Gb/s per node", FabricKind.Roce, 100)]
    [InlineData("100 Gb/s Ethernet per server", FabricKind.Roce, 12.5)]
    public void Read_TextWithKindAndRate_AssumesNothing(string text, FabricKind kind, double gbps)
    {
        var fabric = InterconnectText.Read(text, H100, gpusPerNode: 8);

        fabric.Kind.ShouldBe(kind);
        (fabric.BandwidthPerGpu.Value * 8 / 1e9).ShouldBe(gbps, 1e-9);
        fabric.Assumptions.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("400 Gb/s per node as printed", 50, "its kind is taken for InfiniBand")]
    [InlineData("400 Gb/s per GPU back-end network", 400, "its kind is taken for InfiniBand")]
    [InlineData("InfiniBand", 400, "400 Gb/s a GPU, the usual network of hgx-h100")]
    public void Read_HalfOfIt_SaysWhatWasAssumed(string text, double gbps, string assumption)
    {
        var fabric = InterconnectText.Read(text, H100, gpusPerNode: 8);

        (fabric.BandwidthPerGpu.Value * 8 / 1e9).ShouldBe(gbps, 1e-9);
        fabric.Assumptions.ShouldHaveSingleItem().ShouldBe($"interconnect \"{text}\": {assumption}");
    }

    [Theory]
    [InlineData("-5 Gb/s", "-5")]
    [InlineData("0 Gb/s", "0")]
    [InlineData("1e99 Gb/s", "1.25E+98")]
    [InlineData("1e999 Gb/s InfiniBand", "Infinity")]
    [InlineData("InfiniBand -400 Gb/s per GPU", "-400")]
    [InlineData("8x 99999999 Gb/s per GPU", "1E+08")]
    public void Read_RateThatCannotBe_IsAProblem(string text, string gbps) =>
        InterconnectText.Read(text, H100, gpusPerNode: 8).Problem.ShouldBe(
            $"interconnect is \"{text}\", which is {gbps} Gb/s a GPU. A rate must be above 0 and at most 8000 Gb/s a GPU.");

    [Fact]
    public void Read_Nothing_IsTheUsualNetwork()
    {
        var fabric = InterconnectText.Read(null, H100, gpusPerNode: 8);

        (fabric.Kind, fabric.BandwidthPerGpu.Value).ShouldBe((FabricKind.InfiniBand, 50e9));
        fabric.Assumptions.Count.ShouldBe(2);
    }

    [Fact]
    public void Read_Pods_AreATierBelowTheOversubscribedOne()
    {
        const string text = "RoCE 400 Gb/s per GPU; 3,072-GPU pods, 1:7 oversubscription between 8 pods";

        var network = InterconnectText.Read(text, H100, gpusPerNode: 8).Describe(16384);

        network.Tiers.Select(t => (t.Gpus, t.Oversubscription)).ShouldBe([(256, 1), (3072, 1), (16384, 7)]);
    }

    [Theory]
    [InlineData(64, new[] { 64 })]
    [InlineData(512, new[] { 256, 512 })]
    public void Describe_FullBisection_ReachesTheWholeCluster(int gpus, int[] tiers) =>
        InterconnectText.Read(null, H100, gpusPerNode: 8).Describe(gpus).Tiers.Select(t => t.Gpus).ShouldBe(tiers);
}
