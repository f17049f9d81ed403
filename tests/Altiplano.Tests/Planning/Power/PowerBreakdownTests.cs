using Altiplano.Planning;
using Altiplano.Planning.Hardware;
using Altiplano.Planning.Power;

namespace Altiplano.Tests.Planning.Power;

public sealed class PowerBreakdownTests
{
    private const int Gpus = 100_352;

    private static PowerBreakdown Breakdown(ClusterSpec cluster) =>
        PowerBreakdown.Of(cluster, new PowerModel(cluster, Precision.Bf16).MeanUse(H100Clusters.Step(400e12, 0.8)), Gpus);

    [Fact]
    public void Facility_AllParts_AddUpAndCarryAnInterval()
    {
        var cluster = H100Clusters.Of(Gpus);
        var breakdown = Breakdown(cluster);

        breakdown.Facility.Value.ShouldBe(breakdown.Parts.Sum(p => p.WattsPerGpu.Value) * Gpus, 1);
        (breakdown.Facility.Value / breakdown.It.Value).ShouldBe(cluster.Facility.Pue, 1e-9);
        (breakdown.Facility.High / breakdown.Facility.Low).ShouldBeInRange(1.05, 1.3);
    }

    /// <summary>The estimate of 150 MW lies inside what the parts leave open together with the range from mean to provisioned.</summary>
    [Fact]
    public void Facility_HundredThousandH100_ReachesFromMeanToProvisioned()
    {
        var cluster = H100Clusters.Of(Gpus);
        var provisioned = PowerBreakdown.Of(cluster, new PowerModel(cluster, Precision.Bf16).ProvisionedUse, Gpus);

        Breakdown(cluster).Facility.Low.ShouldBeInRange(115e6, 150e6);
        provisioned.Facility.High.ShouldBeInRange(150e6, 180e6);
    }

    [Fact]
    public void Evidence_ClusterStatesAGrade_IsTheParts()
    {
        var cluster = H100Clusters.Of(Gpus);
        var graded = cluster with { Evidence = new Dictionary<string, Evidence> { ["facility.pue"] = Evidence.Measured } };

        Breakdown(cluster).Parts.Single(p => p.Name == "cooling").WattsPerGpu.Evidence.ShouldBe(Evidence.DataSheet);
        Breakdown(graded).Parts.Single(p => p.Name == "cooling").WattsPerGpu.Evidence.ShouldBe(Evidence.Measured);
        Breakdown(graded).Facility.Evidence.ShouldBe(Evidence.Assumed);
    }

    [Fact]
    public void Parts_Immersed_HaveFansOfNothing()
    {
        var cluster = H100Clusters.Of(Gpus, H100Clusters.Immersed);

        Breakdown(cluster).Parts.Single(p => p.Name == "fans").WattsPerGpu.Value.ShouldBe(0);
    }
}
