using Altiplano.Cli;
using Altiplano.Tests.Program;
using Altiplano.Torch.Native;

namespace Altiplano.Tests.Torch.Native;

/// <summary>Where libtorch is looked for, in processes of their own: a process loads one, once.</summary>
public sealed class LibtorchLocatorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Doctor_NamedFolderWithoutLibrary_SaysSoAndLooksNoFurther()
    {
        var result = AltiplanoProgram.RunIn(new Dictionary<string, string> { [LibtorchLocator.Variable] = _folder.Root }, "doctor");

        result.ShouldExitWith(ExitCodes.Failed);
        result.Output.ShouldContain($"ALTIPLANO_LIBTORCH: {_folder.Root}: has no libtorch_cpu.so");
        result.Output.ShouldContain("missing. Run 'dotnet restore', which fetches it, or set ALTIPLANO_LIBTORCH to its folder.");
        result.Output.ShouldNotContain("NuGet cache");
    }

    [Fact]
    public void Train_NoLibrary_SaysWhereItLookedAndWhatToDo()
    {
        var run = new TinyRun(_folder);

        var result = AltiplanoProgram.RunIn(
            new Dictionary<string, string> { [LibtorchLocator.Variable] = _folder["nowhere"] }, run.Arguments("out"));

        result.ShouldExitWith(ExitCodes.Failed).Error.ShouldBe(
            $"""
            error: No libtorch 2.10 or later was found. Looked in:
              ALTIPLANO_LIBTORCH: {_folder["nowhere"]}: no such folder
            Set ALTIPLANO_LIBTORCH to the folder that holds libtorch_cpu.so, or run 'dotnet restore' in the source tree, which fetches it.

            """);
    }

    [Fact]
    public void Doctor_NothingNamed_LooksBesideThenInTheCacheThenInPython()
    {
        _folder.Write("venv/lib/python3.11/site-packages/torch/lib/libtorch_cpu.so", "");
        _folder.Write("venv/lib/python3.11/site-packages/torch/version.py", "__version__ = '2.5.0+cpu'\n");

        var output = AltiplanoProgram.RunIn(new Dictionary<string, string>
        {
            [LibtorchLocator.Variable] = "", ["NUGET_PACKAGES"] = _folder["packages"], ["VIRTUAL_ENV"] = _folder["venv"],
        }, "doctor").Output;

        var (beside, cache, python) = (
            output.IndexOf("beside the program: ", StringComparison.Ordinal),
            output.IndexOf($"NuGet cache: {_folder["packages"]}/libtorch-cpu-linux-x64: no such folder", StringComparison.Ordinal),
            output.IndexOf("is PyTorch 2.5.0, older than 2.10", StringComparison.Ordinal));
        beside.ShouldBeGreaterThanOrEqualTo(0, output);
        cache.ShouldBeGreaterThan(beside, output);
        python.ShouldBeGreaterThan(cache, output);
    }

    [Fact]
    public void Doctor_LibraryInTheCache_TakesItAndSaysSo()
    {
        AltiplanoProgram.Run("doctor").ShouldExitWith(ExitCodes.Done).Output.ShouldContain("libtorch   2.10");
    }

    public void Dispose() => _folder.Dispose();
}
