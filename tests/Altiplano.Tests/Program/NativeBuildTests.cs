using System.Text.Json;
using Altiplano.Cli;
using Altiplano.Tests.Training.Generation;

namespace Altiplano.Tests.Program;

/// <summary>The program as Native AOT makes it: <c>./test</c> publishes it and names it in ALTIPLANO_NATIVE.</summary>
public sealed class NativeBuildTests : IDisposable
{
    private const string Variable = "ALTIPLANO_NATIVE";

    private readonly TempFolder _folder = new();

    [Fact]
    public void Score_NativeBuild_GivesTheNumbersOfTheManagedOne()
    {
        var model = TinyFolder.WriteReference(_folder["m"]);
        foreach (var dtype in new[] { "fp64", "fp32" })
        {
            string[] arguments = ["score", "--model", model, "--tokens", "1,5,9,2,7,30,12,3", "--json", "--dtype", dtype];
            var (native, managed) = (Numbers(Run(arguments).Output), Numbers(AltiplanoProgram.Run(arguments).Output));
            native.Zip(managed, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(dtype == "fp64" ? 1e-13 : 1e-6);
        }
    }

    [Fact]
    public void Train_NativeBuild_TakesTheStepsOfTheManagedOne()
    {
        var run = new TinyRun(_folder, steps: 5);

        Run(run.Arguments("native")).Output.ShouldContain("finished 5 steps");

        run.Train("managed").ShouldExitWith(ExitCodes.Done);
        var (native, managed) = (TinyRun.Numbers(run.Folder("native"), "train/loss"), TinyRun.Numbers(run.Folder("managed"), "train/loss"));
        native.Length.ShouldBe(5);
        native.Zip(managed, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(1e-5);
        File.Exists(run.Folder("native").Report).ShouldBeTrue();
    }

    public void Dispose() => _folder.Dispose();

    private static ProgramResult Run(string[] arguments)
    {
        var executable = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(executable))
            Assert.Skip($"{Variable} does not name a native build; ./test makes one where gcc and zlib's headers are");
        using var program = RunningProgram.Start(executable, arguments);
        return program.ReadToEnd().ShouldExitWith(ExitCodes.Done);
    }

    private static List<double> Numbers(string json)
    {
        using var score = JsonDocument.Parse(json);
        return
        [
            .. score.RootElement.GetProperty("logprobs").EnumerateArray().Select(p => p.GetDouble()),
            .. score.RootElement.GetProperty("top_logits").EnumerateArray().Select(t => t.GetProperty("logit").GetDouble()),
        ];
    }
}
