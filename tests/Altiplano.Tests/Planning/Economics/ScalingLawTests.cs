using Altiplano.Planning.Economics;

namespace Altiplano.Tests.Planning.Economics;

public sealed class ScalingLawTests
{
    private const double Llama405BFlops = 3.8e25;
    private const double ChinchillaFlops = 5.76e23;

    /// <summary>Llama 3 §3.2.1: 402B parameters on 16.55T tokens for 3.8e25 FLOPs.</summary>
    [Fact]
    public void Llama3_ItsOwnExtrapolation_IsReproduced()
    {
        var best = TokenLaw.Llama3.For(Llama405BFlops);

        best.Tokens.ShouldBe(16.55e12, 0.02e12);
        best.Parameters.ShouldBe(402e9, 0.5e9);
        best.IsExtrapolated.ShouldBeTrue();
        best.Loss.ShouldBeNull();
    }

    /// <summary>The constants of the paper are ours cut to two digits.</summary>
    [Fact]
    public void Llama3_Constants_CutToTwoDigitsAreThePapers()
    {
        (Math.Floor(TokenLaw.Llama3.Alpha * 100) / 100).ShouldBe(0.53);
        (Math.Floor(TokenLaw.Llama3.A * 100) / 100).ShouldBe(0.29);
    }

    /// <summary>Besiroglu et al.: about 20 tokens a parameter at Chinchilla's budget, so 70B on 1.4T. Ours: 72B on 1.33T.</summary>
    [Fact]
    public void Epoch_ChinchillasBudget_IsChinchilla()
    {
        var best = LossLaw.Epoch.For(ChinchillaFlops);

        best.Parameters.ShouldBe(70e9, 3e9);
        best.Tokens.ShouldBe(1.4e12, 0.1e12);
    }

    /// <summary>As printed, the parametric fit asks for a smaller model than the 70B that its authors trained: known, and why Epoch's ships.</summary>
    [Fact]
    public void Chinchilla_ItsOwnBudget_AsksForASmallerModel() => LossLaw.Chinchilla.For(ChinchillaFlops).Parameters.ShouldBeInRange(30e9, 45e9);

    /// <summary>E is the loss of a boundless model on boundless text; the other terms are Hoffmann et al.'s for 70B on 1.4T.</summary>
    [Fact]
    public void Loss_Chinchilla70B_IsTheSumOfItsTerms()
    {
        var loss = LossLaw.Chinchilla.Loss(70e9, 1.4e12);

        loss.ShouldBe(1.69 + 0.083 + 0.163, 0.002);
        LossLaw.Chinchilla.Loss(1e30, 1e30).ShouldBe(1.69, 1e-5);
    }

    [Theory]
    [InlineData(1e20)]
    [InlineData(1e24)]
    public void Optimum_OfALossLaw_BeatsItsNeighbours(double flops)
    {
        foreach (var law in new[] { LossLaw.Epoch, LossLaw.Chinchilla })
        {
            var best = law.For(flops);
            foreach (var factor in new[] { 0.8, 0.95, 1.05, 1.25 })
                law.Loss(best.Parameters * factor, best.Tokens / factor).ShouldBeGreaterThan(best.Loss!.Value);
        }
    }

    [Fact]
    public void Published_EveryLaw_SaysWhereItHolds()
    {
        foreach (var law in ScalingLaw.Published)
        {
            law.Source.ShouldContain("arXiv:");
            law.Validity.ShouldNotBeEmpty();
            law.For(law.MaxFlops).IsExtrapolated.ShouldBeFalse();
            law.For(law.MaxFlops * 1.01).IsExtrapolated.ShouldBeTrue();
            law.For(law.MinFlops * 0.99).IsExtrapolated.ShouldBeTrue();
        }
    }
}
