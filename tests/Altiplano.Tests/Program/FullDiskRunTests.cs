using System.Diagnostics;
using Altiplano.Cli;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Tests.Program;

/// <summary>A run whose disk fills up: a file system of a few MiB, which needs the right to mount one.</summary>
public sealed class FullDiskRunTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly string _disk;
    private readonly bool _isMounted;

    public FullDiskRunTests()
    {
        _disk = Directory.CreateDirectory(_folder["disk"]).FullName;
        _isMounted = Run("mount", "-t", "tmpfs", "-o", "size=8m", "none", _disk);
    }

    [Fact]
    public void Train_DiskFull_SaysSoKeepsEarlierCheckpointsAndGoesOnWhenThereIsRoom()
    {
        if (!_isMounted)
            Assert.Skip("a small tmpfs cannot be mounted here; root can");
        var run = new TinyRun(_folder);
        string[] arguments = ["train", run.File, "--set", $"run.out={_disk}/out", "--set", "run.keep_checkpoints=100"];
        File.WriteAllBytes(Path.Combine(_disk, "ballast"), new byte[4 << 20]);

        var error = AltiplanoProgram.Run(arguments).ShouldExitWith(ExitCodes.Failed).Error;

        error.ShouldStartWith($"error: {_disk}/out/checkpoints/step-");
        error.ShouldContain(" bytes are free): ");
        error.ShouldContain("Earlier checkpoints are as they were. Free some space, or set run.keep_checkpoints lower.");
        error.ShouldNotContain("fault of altiplano's own");
        var kept = Directory.GetDirectories(Path.Combine(_disk, "out", "checkpoints"));
        kept.Length.ShouldBeGreaterThan(0);
        foreach (var checkpoint in kept)
            CheckpointStore.Verify(checkpoint).ShouldBeEmpty();

        File.Delete(Path.Combine(_disk, "ballast"));
        AltiplanoProgram.Run("train", run.File, "--set", $"run.out={_disk}/out", "--set", "run.keep_checkpoints=2").ShouldExitWith(ExitCodes.Done);
        run.Train("straight").ShouldExitWith(ExitCodes.Done);
        TinyRun.ShouldBeIdentical(new(Path.Combine(_disk, "out")), run.Folder("straight"));
    }

    public void Dispose()
    {
        if (_isMounted)
            Run("umount", _disk).ShouldBeTrue();
        _folder.Dispose();
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
