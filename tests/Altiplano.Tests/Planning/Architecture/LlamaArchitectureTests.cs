using Altiplano.Planning.Architecture;

namespace Altiplano.Tests.Planning.Architecture;

public sealed class LlamaArchitectureTests
{
    private static readonly LlamaArchitecture Llama4 = new()
    {
        VocabSize = 32, HiddenSize = 16, IntermediateSize = 24, NumLayers = 4, NumAttentionHeads = 4, NumKeyValueHeads = 2,
        Mixture = new MixtureShape(4, 1, 16, SharedIntermediateSize: 16, Interleave: 2),
        Attention = new Llama4Attention(4, 4, HasQkNorm: true, new AttentionTemperature(4, 0.1)),
    };

    [Fact]
    public void FindProblems_Llama4_AreNone() => Llama4.FindProblems("model").ShouldBeEmpty();

    [Fact]
    public void FindProblems_HalfALlama4_SaysWhatLacks()
    {
        const string Rule = "the rest is of a Llama 4, which has both a mixture of experts and its own rules of attention. Give both, or neither.";
        (Llama4 with { Mixture = null }).FindProblems("model").ShouldBe([$"model.mixture is absent, but {Rule}"]);
        (Llama4 with { Attention = null }).FindProblems("model").ShouldBe([$"model.attention is absent, but {Rule}"]);
    }

    [Fact]
    public void FindProblems_NoSharedExpert_SaysWhatIsTrained() =>
        (Llama4 with { Mixture = new MixtureShape(4, 1, 16) }).FindProblems("model").ShouldBe(
        [
            "model.mixture.shared_intermediate_size is 0, but only Llama 4's mixtures are trained, which have an expert that every token visits. " +
            "Use its width.",
        ]);

    [Fact]
    public void FindProblems_RulesThatCannotBe_ListsAll() =>
        (Llama4 with { Attention = new Llama4Attention(0, -1, Temperature: new AttentionTemperature(0, -1)) }).FindProblems("model").ShouldBe(
        [
            "model.attention.chunk_tokens is 0, but it must be above 0.",
            "model.attention.full_every is -1, but it must be 0 or more.",
            "model.attention.temperature.floor_scale is 0, but it must be above 0.",
            "model.attention.temperature.attn_scale is -1, but it must be 0 or more. Llama 4 uses 0.1.",
        ]);

    [Fact]
    public void DescribeDifference_AnotherMixture_NamesIt() =>
        Llama4.DescribeDifference(Llama4 with { Mixture = Llama4.Mixture! with { NumExperts = 8 } }).ShouldStartWith("mixture is MixtureShape { NumExperts = 4");

    /// <summary>Reference values of the factor on queries.</summary>
    [Theory]
    [InlineData(0, 1)]
    [InlineData(8190, 1)]
    [InlineData(8191, 1.0693147181)]
    [InlineData(16382, 1.0693147181)]
    [InlineData(16383, 1.1098612289)]
    [InlineData(131071, 1.2833213344)]
    [InlineData(10485759, 1.7155396302)]
    public void TemperatureAt_Position_IsTheReference(long position, double factor) =>
        new AttentionTemperature(8192, 0.1).At(position).ShouldBe(factor, 1e-10);
}
