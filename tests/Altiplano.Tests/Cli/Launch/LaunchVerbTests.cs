namespace Altiplano.Tests.Cli.Launch;

public sealed class LaunchVerbTests
{
    [Theory]
    [InlineData(
        "run.precision=fp8", "--set run.precision=fp8: run.precision is fp8, but training is in fp32, fp64 or bf16; fp8 can only be planned. Use bf16.")]
    [InlineData("mesh.pp=20", "mesh.pp is 20, but pp x virtual_stages = 20 x 1 chunks, and each needs one of")]
    [InlineData("batch.micro_batch_size=64", "batch.global_batch_tokens is 64 sequences of 512 tokens, but they must divide by")]
    public void Launch_RunThatTrainRefuses_IsRefused(string assignment, string problem)
    {
        using var run = new LaunchRun();

        run.Refuse("--slurm", "--set", assignment).ShouldHaveSingleItem().ShouldStartWith(problem);
        run.Refuse("--kubernetes", "--container", "image", "--volume", $"data:{run.Folder}", "--set", assignment).ShouldHaveSingleItem().ShouldStartWith(problem);
    }
}
