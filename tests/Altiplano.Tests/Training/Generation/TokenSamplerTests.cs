using Altiplano.Training.Generation;

namespace Altiplano.Tests.Training.Generation;

public sealed class TokenSamplerTests
{
    private static readonly float[] Logits = [0.5f, 2.5f, -1, 2, 0, 1.5f];

    [Fact]
    public void Next_TemperatureZero_TakesTheFirstOfTheLargest()
    {
        Draw(new SamplingOptions { Temperature = 0 }, 5).ShouldAllBe(id => id == 1);
        new TokenSampler(new SamplingOptions { Temperature = 0 }).Next([1, 3, 3]).ShouldBe(1);
    }

    [Fact]
    public void Next_TopKOne_IsGreedy() => Draw(new SamplingOptions { TopK = 1, Temperature = 5 }, 100).ShouldAllBe(id => id == 1);

    [Fact]
    public void Next_TopKTwo_DrawsBothAndNoOther() => Draw(new SamplingOptions { TopK = 2, TopP = 1, Temperature = 2 }, 200).Distinct().Order().ShouldBe([1, 3]);

    /// <summary>At temperature 1 the three likeliest have 0.47, 0.28 and 0.17 of the probability.</summary>
    [Theory]
    [InlineData(0.4, new[] { 1 })]
    [InlineData(0.6, new[] { 1, 3 })]
    [InlineData(0.8, new[] { 1, 3, 5 })]
    public void Next_TopP_DrawsTheFewestThatReachIt(double topP, int[] expected) =>
        Draw(new SamplingOptions { TopP = topP, Temperature = 1 }, 500).Distinct().Order().ShouldBe(expected);

    [Fact]
    public void Next_ManyDraws_FollowTheSoftmax()
    {
        const int Count = 20_000;
        var drawn = Draw(new SamplingOptions { TopP = 1, Temperature = 0.7 }, Count);
        var weights = Logits.Select(logit => Math.Exp(logit / 0.7)).ToArray();
        for (var id = 0; id < Logits.Length; id++)
        {
            var p = weights[id] / weights.Sum();
            ((double)drawn.Count(d => d == id) / Count).ShouldBe(p, 5 * Math.Sqrt(p * (1 - p) / Count) + 1e-9, $"token {id}");
        }
    }

    [Fact]
    public void Next_SameSeed_RepeatsAndAnotherDiffers()
    {
        var options = new SamplingOptions { Temperature = 1.5, TopP = 1, Seed = 9 };
        Draw(options, 50).ShouldBe(Draw(options, 50));
        Draw(options, 50).ShouldNotBe(Draw(options with { Seed = 10 }, 50));
    }

    [Fact]
    public void FindProblems_OutOfRange_NamesEach() => new SamplingOptions { Temperature = double.NaN, TopK = -1, TopP = 0 }.FindProblems("--").ShouldBe(
    [
        "--temperature is NaN, but it divides logits. Use 0 for the likeliest token, or a positive number.",
        "--top-k is -1, but it counts candidates. Use 0 for all, or a positive number.",
        "--top-p is 0, but it is a probability. Use a number above 0, up to 1 for all candidates.",
    ]);

    private static List<int> Draw(SamplingOptions options, int count)
    {
        var sampler = new TokenSampler(options);
        return [.. Enumerable.Range(0, count).Select(_ => sampler.Next(Logits))];
    }
}
