using Altiplano.Planning;
using Altiplano.Planning.Campaign;
using Altiplano.Planning.Power;
using Altiplano.Planning.Units;
using Altiplano.Tests.Planning.Power;

namespace Altiplano.Tests.Planning.Campaign;

public sealed class CampaignPlannerTests
{
    private const double Day = 86400;

    [Fact]
    public void Watts_OverTime_AreRunsAndIdleRest()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 512), Campaigns.Run("b2", 256));
        var idle = new PowerModel(H100Clusters.Of(1024), Precision.Bf16).IdleUse.Facility;

        plan.Intervals.Select(i => i.BusyGpus).ShouldBe([768, 512]);
        plan.Intervals[0].Watts.ShouldBe(768 * 1200 + 256 * idle, 1e-6);
        plan.Intervals[1].Watts.ShouldBe(512 * 1200 + 512 * idle, 1e-6);
        plan.PeakWatts.ShouldBe(plan.Intervals[0].Watts);
    }

    [Fact]
    public void Energy_OfTheFleet_IsTheAreaUnderTheWatts()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 512), Campaigns.Run("b2", 256), Campaigns.Run("c5", 768, "b2"));

        var area = plan.Intervals.Sum(i => i.Watts * i.Seconds) / 3.6e6;

        (plan.RunEnergy + plan.IdleEnergy).FacilityKwh.ShouldBe(area, area * 1e-9);
        plan.RunEnergy.CarbonTonnes.ShouldBe(plan.RunEnergy.FacilityKwh * 380e-6, 1e-6);
    }

    [Fact]
    public void Utilisation_HalfOfTheFleet_IsHalf()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 512));

        plan.Utilisation.ShouldBe(0.5, 1e-12);
        plan.GpuHours.ShouldBe(512 * 72, 1e-9);
        plan.Seconds.ShouldBe(3 * Day);
    }

    [Fact]
    public void Money_IdleGpus_CostTheirOwnerAndNobodyRentsThem()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a3", 512));

        plan.IdleMoney.Capital.ShouldBe(plan.RunMoney.Capital, 1e-6);
        plan.IdleMoney.Rented.ShouldBe(0);
        plan.RunMoney.Rented.ShouldBe(512 * 72 * 2.0, 1e-6);
    }

    [Fact]
    public void Share_OfTheFleet_IsWholeServers()
    {
        var run = Campaigns.Run("a3", 0) with { Gpus = null, Share = 0.3 };

        Campaigns.Of(run).GpusOf(run).ShouldBe(304);
        Campaigns.Of(run).GpusOf(run with { Share = 1 }).ShouldBe(1024);
    }

    [Fact]
    public void Rate_Given_SetsTheTime()
    {
        var run = Campaigns.Run("scout", 1024) with { Goodput = 0.9 };
        var plan = new CampaignPlanner(Campaigns.Of(run), _ => throw new InvalidOperationException("asked to plan")).Plan();

        var flops = run.Tokens.Value * run.FlopsPerToken;
        plan.Runs[0].Seconds.ShouldBe(flops / (1024 * 400e12) / 0.9, 1e-3);
        (plan.Intervals[0].RunWatts / 1024).ShouldBeInRange(1000, 1400);
    }

    /// <summary>A teacher's pass is a third of a training step of its model; asked of every token of an equal student, a third more time.</summary>
    [Fact]
    public void TeacherTokens_EqualModels_CostAThird()
    {
        var teacher = Campaigns.Run("teacher", 512);
        var student = Campaigns.Run("student", 512) with { Teacher = "teacher", TeacherTokens = teacher.Tokens };
        var plan = new CampaignPlanner(Campaigns.Of(teacher, student), _ => throw new InvalidOperationException("asked to plan")).Plan();

        (plan.Runs[1].TeacherSeconds / plan.Runs[1].Plan.Seconds).ShouldBe(1.0 / 3, 1e-9);
        plan.Runs[1].Seconds.ShouldBe(plan.Runs[1].Plan.Seconds * 4 / 3, 1e-3);
    }

    [Fact]
    public void TeacherTokens_None_CostNothing()
    {
        var plan = Campaigns.Plan(Campaigns.Run("a1", 8) with { Teacher = "b2" }, Campaigns.Run("b2", 8));

        plan.Runs[0].TeacherSeconds.ShouldBe(0);
    }

    /// <summary>Llama 4's model card: 5.0M and 2.38M GPU-hours at 700 W are 1,354 and 645 t, so its grid counts 387 g/kWh.</summary>
    [Theory]
    [InlineData(5.0e6, 1354)]
    [InlineData(2.38e6, 645)]
    [InlineData(7.38e6, 1999)]
    public void ModelCardTonnes_Llama4_AreAsPublished(double gpuHours, double tonnes)
    {
        var fleet = H100Clusters.Of(1024);
        var campaign = Campaigns.Of(Campaigns.Run("a", 8)) with { Fleet = fleet with { Facility = fleet.Facility with { GridCarbon = 387 } } };

        var plan = new CampaignPlanner(campaign, _ => throw new InvalidOperationException("asked to plan")).Plan();

        plan.ModelCardTonnes(gpuHours).ShouldBe(tonnes, 0.5);
    }

    /// <summary>Active parameters of both models are 17B, so a token costs about 6 x 16B and attention.</summary>
    [Fact]
    public void FlopsPerToken_Llama4_AreThoseOfSeventeenBillion()
    {
        var run = Campaigns.Run("scout", 8);

        (run.FlopsPerToken / (6 * 17e9)).ShouldBeInRange(0.95, 1.15);
        ((run with { Model = Campaigns.Maverick }).FlopsPerToken / (6 * 17e9)).ShouldBeInRange(0.95, 1.15);
    }
}
