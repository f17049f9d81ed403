using Altiplano.Cli.Plans;
using Altiplano.Planning;
using Altiplano.Planning.Mesh;

namespace Altiplano.Tests.Cli.Plans;

public sealed class PlanWordsTests
{
    [Theory]
    [InlineData(Recompute.None, 1, 0.42, "HFU is above MFU though no layer is recomputed: attention computes its scores again in the backward pass.")]
    [InlineData(Recompute.None, 2, 0.42,
        "HFU is above MFU though no layer is recomputed: attention computes its scores again in the backward pass, and HFU is of the slowest pipeline rank.")]
    [InlineData(Recompute.None, 1, 0.4, null)]
    [InlineData(Recompute.Full, 1, 0.5, null)]
    public void WhyHfuDiffers_NoRecompute_IsSaid(Recompute recompute, int pp, double hfu, string? reason) =>
        PlanWords.WhyHfuDiffers(new Layout { Pp = pp, Recompute = recompute }, 0.4, hfu).ShouldBe(reason);
}
