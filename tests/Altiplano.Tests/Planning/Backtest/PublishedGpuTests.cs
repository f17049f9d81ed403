using Altiplano.Planning.Backtest;

namespace Altiplano.Tests.Planning.Backtest;

public sealed class PublishedGpuTests
{
    [Theory]
    [InlineData("A100-80GB-SXM", "dgx-a100-80g")]
    [InlineData("A100-40GB-SXM", "dgx-a100-40g")]
    [InlineData("NVIDIA A100-SXM4-40GB", "dgx-a100-40g")]
    [InlineData("a100 80 GB", "dgx-a100-80g")]
    [InlineData("A800-80GB-SXM", "dgx-a100-80g")]
    [InlineData("H100-80GB-SXM", "hgx-h100")]
    [InlineData("NVIDIA H100 80GB HBM3", "hgx-h100")]
    [InlineData("H100 SXM5", "hgx-h100")]
    [InlineData("H100-96GB-HBM2e-500W", "grand-teton-h100-96g-500w")]
    [InlineData("H100-SXM (variant not restated)", "hgx-h100")]
    [InlineData("H800-80GB-SXM", "hgx-h800")]
    [InlineData("H200-141GB-SXM", "hgx-h200")]
    [InlineData("B200-180GB-SXM", "hgx-b200")]
    [InlineData("DGX-B200", "hgx-b200")]
    public void Find_KnownName_IsItsServer(string text, string server) => PublishedGpu.Find(text)!.Server.ShouldBe(server);

    [Theory]
    [InlineData("TPU v4")]
    [InlineData("H100-PCIe")]
    [InlineData("H100-NVL-94GB")]
    [InlineData("GH200")]
    [InlineData("MI300X")]
    [InlineData("")]
    public void Find_UnknownName_IsNull(string text) => PublishedGpu.Find(text).ShouldBeNull();

    [Theory]
    [InlineData("A100", "an A100 without its memory named is taken for the 80 GB part")]
    [InlineData("GB200", "a GB200 is taken for a B200")]
    [InlineData("H100-SXM (variant not restated)", "gpu \"H100-SXM (variant not restated)\" is taken for that of hgx-h100")]
    public void Find_VagueName_SaysWhatWasAssumed(string text, string assumption) => PublishedGpu.Find(text)!.Assumption.ShouldBe(assumption);

    [Fact]
    public void Find_A800_HasItsOwnNvlink() => PublishedGpu.Find("A800")!.NvlinkBandwidth!.Value.Value.ShouldBe(200e9);
}
