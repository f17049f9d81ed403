using Altiplano.Cli.Configuration;
using Altiplano.Planning;
using Altiplano.Planning.Architecture;

namespace Altiplano.Tests.Cli.Configuration;

/// <summary>The models that ship, against what their makers published.</summary>
public sealed class ModelPresetTests
{
    private static readonly ModelCatalog Catalog = new(PresetFolder.Shipped());

    public static TheoryData<string> Names => [.. Catalog.PresetNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void ReadPreset_Shipped_HasSourcesAndAShape(string name)
    {
        var preset = Catalog.ReadPreset(name);

        preset.Sources.ShouldNotBeEmpty();
        preset.ToSpec().Shape.Name.ShouldBe(name);
    }

    [Fact]
    public void PresetNames_Shipped_AreAllTested() => Catalog.PresetNames.Count.ShouldBe(34);

    [Theory]
    [InlineData("llama1-7b", 6_738_415_616)]
    [InlineData("llama1-13b", 13_015_864_320)]
    [InlineData("llama1-33b", 32_528_943_616)]
    [InlineData("llama1-65b", 65_285_660_672)]
    [InlineData("llama2-7b", 6_738_415_616)]
    [InlineData("llama2-13b", 13_015_864_320)]
    [InlineData("llama2-34b", 33_743_970_304)]
    [InlineData("llama2-70b", 68_976_648_192)]
    [InlineData("llama3.1-405b", 405_853_388_800)]
    [InlineData("mixtral-8x7b", 46_702_792_704)]
    [InlineData("mixtral-8x22b", 140_620_634_112)]
    public void Total_PublishedExactly_IsTheSame(string name, long expected) => Parameters(name).Total.ShouldBe(expected);

    /// <summary>Spec of the family, section 2.6: the text model without its tower; and what our own preset says of itself.</summary>
    [Theory]
    [InlineData("llama4-scout", 107_769_861_120, 17_172_894_720)]
    [InlineData("llama4-maverick", 400_711_848_960, 17_184_691_200)]
    [InlineData("tiny-moe", 4_477_632, 2_413_248)]
    public void Total_TextOfLlama4_IsTheSame(string name, long total, long active)
    {
        var text = new ShapeParameters(Catalog.ReadPreset(name).ToSpec().Shape with { Vision = null });

        text.Total.ShouldBe(total);
        text.Active.ShouldBe(active);
    }

    /// <param name="tolerance">Half of the last digit that was published, or what the shape leaves out.</param>
    [Theory]
    [InlineData("llama4-scout", 108.642e9, 0.001)]
    [InlineData("llama4-maverick", 401.584e9, 0.001)]
    [InlineData("llama4-behemoth", 2e12, 0.005)]
    [InlineData("llama3.2-11b-vision", 10.6e9, 0.01)]
    [InlineData("llama3.2-90b-vision", 88.8e9, 0.01)]
    [InlineData("gpt3-175b", 174.6e9, 0.001)]
    [InlineData("opt-175b", 174.6e9, 0.001)]
    [InlineData("bloom-176b", 176.247e9, 0.001)]
    [InlineData("mt-nlg-530b", 529.6e9, 0.001)]
    [InlineData("gpt-1t", 1008e9, 0.001)]
    [InlineData("deepseek-v3", 671.026e9, 0.001)]
    [InlineData("grok-1", 314e9, 0.01)]
    [InlineData("nemotron-4-340b", 341e9, 0.002)]
    [InlineData("nemotron-4-15b", 15.6e9, 0.003)]
    public void Total_PublishedRounded_IsNear(string name, double expected, double tolerance) =>
        ((double)Parameters(name).Total).ShouldBe(expected, expected * tolerance);

    [Theory]
    [InlineData("llama4-behemoth", 288e9, 0.005)]
    [InlineData("deepseek-v3", 37e9, 0.02)]
    [InlineData("mixtral-8x7b", 12.9e9, 0.005)]
    [InlineData("mixtral-8x22b", 39.1e9, 0.005)]
    public void Active_Published_IsNear(string name, double expected, double tolerance) =>
        ((double)Parameters(name).Active).ShouldBe(expected, expected * tolerance);

    [Fact]
    public void ReadPreset_Behemoth_SaysThatItsShapeIsAssumed()
    {
        var shape = Catalog.ReadPreset("llama4-behemoth").ToSpec().Shape;

        shape.Evidence["hidden_size"].ShouldBe(Evidence.Assumed);
        shape.Evidence.ShouldNotContainKey("mixture.num_experts");
    }

    [Theory]
    [InlineData("llama1-7b", true)]
    [InlineData("llama2-70b", true)]
    [InlineData("llama4-scout", true)]
    [InlineData("llama4-behemoth", true)]
    [InlineData("tiny-moe", true)]
    [InlineData("gpt3-175b", false)]
    [InlineData("mixtral-8x7b", false)]
    [InlineData("deepseek-v3", false)]
    [InlineData("llama3.2-11b-vision", false)]
    public void ToSpec_LlamaOfText_CanBeTrained(string name, bool expected) =>
        Catalog.ReadPreset(name).ToSpec().IsTrainable.ShouldBe(expected);

    /// <summary>Text models alone: the vision towers are beside them.</summary>
    [Theory]
    [InlineData("llama4-scout")]
    [InlineData("llama4-maverick")]
    [InlineData("llama4-behemoth")]
    public void Architecture_OfALlama4_HasTheParametersOfItsPlan(string name)
    {
        var spec = Catalog.ReadPreset(name).ToSpec();

        spec.IsDenseLlama.ShouldBeFalse();
        spec.Architecture.NumParameters.ShouldBe(new ShapeParameters(spec.Shape with { Vision = null }).Total);
        spec.Architecture.FindProblems("model").ShouldBeEmpty();
    }

    [Fact]
    public void Architecture_OfScout_HasLlama4sRules()
    {
        var scout = Catalog.ReadPreset("llama4-scout").ToSpec().Architecture;

        scout.Attention.ShouldBe(new Llama4Attention(8192, 4, HasQkNorm: true, new AttentionTemperature(8192, 0.1)));
        scout.Mixture.ShouldBe(new MixtureShape(16, 1, 8192, 8192));
        scout.RopeScaling.ShouldBe(new RopeScaling(16, 1, 1, 8192));
    }

    [Fact]
    public void Of_ALlama4_KeepsAllThatTheTrainerKnows()
    {
        var spec = Catalog.ReadPreset("llama4-scout").ToSpec();

        ModelDescription.Of(spec).ToSpec().Architecture.ShouldBe(spec.Architecture);
    }

    [Fact]
    public void FindProblems_Llama4KeysOnAnotherModel_AreRefused() =>
        (Catalog.ReadPreset("llama3-8b") with { HasQkNorm = true, Temperature = new AttentionTemperature(8192, 0.1) }).FindProblems("model").ShouldBe(
        [
            "model.use_qk_norm is true, but only Llama 4's attention has it. Give a window with chunked: true, or leave it out.",
            "model.attn_temperature_tuning is given, but only Llama 4's attention has it. Give a window with chunked: true, or leave it out.",
        ]);

    [Fact]
    public void Architecture_OfAMixture_SaysWhatCanBeDone() =>
        Should.Throw<ConfigException>(() => Catalog.ReadPreset("mixtral-8x7b").ToSpec().Architecture).Problems.ShouldBe(
            ["model is mixtral-8x7b, but it is neither a dense Llama nor the text model of a Llama 4: it can be planned, but not trained, imported or exported. Use one of these."]);

    private static ShapeParameters Parameters(string name) => new(Catalog.ReadPreset(name).ToSpec().Shape);
}
