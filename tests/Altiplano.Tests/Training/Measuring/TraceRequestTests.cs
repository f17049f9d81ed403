using Altiplano.Planning;
using Altiplano.Training.Measuring;

namespace Altiplano.Tests.Training.Measuring;

public sealed class TraceRequestTests
{
    [Theory]
    [InlineData("3..5", 3, 5)]
    [InlineData("7", 7, 7)]
    public void Parse_Steps_ReadsThem(string text, long first, long last) =>
        TraceRequest.Parse("t.json", text).ShouldBe(new TraceRequest("t.json", first, last));

    [Theory]
    [InlineData("5..3")]
    [InlineData("0..2")]
    [InlineData("all")]
    [InlineData("1..2..3")]
    public void Parse_AnythingElse_SaysTheForm(string text) =>
        Should.Throw<ConfigException>(() => TraceRequest.Parse("t.json", text)).Message.ShouldBe(
            $"--trace-steps is {text}, but it names the first and the last step to trace, counted from 1. Use a form such as 3..4.");

    [Fact]
    public void FindProblemsIn_StepsBehindTheRunsEnd_SaysHowManyThereAre()
    {
        var request = new TraceRequest("t.json", 9, 12);

        request.FindProblemsIn(10).ShouldBeEmpty();
        request.FindProblemsIn(6).ShouldBe(["--trace-steps is 9..12, but the run has 6 steps. Use 6 or fewer."]);
    }
}
