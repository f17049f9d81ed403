using System.Diagnostics;
using Altiplano.Tests.Training.Interchange;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Interchange;

namespace Altiplano.Tests.Training.Checkpoints;

/// <summary>Saves on a file system of 1 MiB; needs the right to mount one.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly bool _isMounted;

    public FullDiskTests() => _isMounted = Run("mount", "-t", "tmpfs", "-o", "size=1m", "none", _folder.Root);

    [Fact]
    public void Save_DiskFull_SaysSoAndKeepsTheEarlierOne()
    {
        SkipUnlessMounted();
        var store = new CheckpointStore(_folder["checkpoints"]);
        var path = store.Save(TestContent.OfBytes(1, 300_000));

        var message = Should.Throw<CheckpointException>(() => store.Save(TestContent.OfBytes(2, 2_000_000))).Message;

        message.ShouldStartWith($"{store.Folder}/step-00000002: the checkpoint of 2,000,");
        message.ShouldContain(" bytes are free)");
        message.ShouldEndWith("Earlier checkpoints are as they were. Free some space, or set run.keep_checkpoints lower.");
        Directory.GetDirectories(store.Folder).ShouldBe([path]);
        CheckpointStore.Verify(path).ShouldBeEmpty();
        store.FindLatest().ShouldBe(new LatestCheckpoint(1, path, null));
    }

    [Fact]
    public void Drain_DiskFull_SurfacesThereAndALaterSaveWorks()
    {
        SkipUnlessMounted();
        var store = new CheckpointStore(_folder["checkpoints"]);
        using var writer = new CheckpointWriter(store, 64 << 10);

        writer.Save(TestContent.OfBytes(1, 2_000_000));

        Should.Throw<CheckpointException>(() => writer.Drain()).Message.ShouldContain("cannot be written");
        writer.Save(TestContent.OfBytes(2, 300_000));
        writer.Drain().ShouldBe(store.FindLatest()!.Path);
    }

    [Fact]
    public void Export_DiskFull_SaysSoAndLeavesNothing()
    {
        SkipUnlessMounted();
        var model = TinyModel.Architecture with { VocabSize = 5000 };
        using var weights = MemoryWeights.Random(model, seed: 1);

        var path = _folder["m.gguf"];

        Should.Throw<CheckpointException>(() => GgufExporter.Write(weights, TinyModel.Config(model), path, new ExportOptions()))
            .Message.ShouldStartWith($"{path}: the export cannot be written: ");
        Directory.GetFileSystemEntries(_folder.Root).ShouldBeEmpty();
    }

    public void Dispose()
    {
        if (_isMounted)
            Run("umount", _folder.Root).ShouldBeTrue();
        _folder.Dispose();
    }

    private void SkipUnlessMounted()
    {
        if (!_isMounted)
            Assert.Skip("a small tmpfs cannot be mounted here; root can");
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
