using Altiplano.Cli;

namespace Altiplano.Tests.Program;

/// <summary>Memory that a run takes as it goes; <c>tests/prove-memory</c> is the long form.</summary>
public sealed class MemoryTests : IDisposable
{
    private const long Mib = 1 << 20;

    private readonly TempFolder _folder = new();

    [Fact]
    public void Train_ThreeHundredSteps_TakesNoMoreMemoryThanOneHundred()
    {
        var run = new TinyRun(_folder, steps: 300);
        using var program = AltiplanoProgram.Start(run.Arguments("out", "--set", "run.checkpoint_every=50"));

        program.WaitForLine("step 100/");
        var early = program.ResidentBytes();
        program.WaitForLine("step 290/");
        var late = program.ResidentBytes();
        program.ReadToEnd().ShouldExitWith(ExitCodes.Done);

        (late - early).ShouldBeLessThan(8 * Mib, $"resident: {early / Mib} MiB after 100 steps, {late / Mib} MiB after 290");
    }

    public void Dispose() => _folder.Dispose();
}
