using Altiplano.Training.Checkpoints;

namespace Altiplano.Tests.Training.Checkpoints;

public sealed class CheckpointWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CheckpointStore _store;

    public CheckpointWriterTests() => _store = new CheckpointStore(_folder["checkpoints"]);

    [Theory]
    [InlineData(16)] // pieces of 8 bytes: every tensor and header is cut
    [InlineData(1000)]
    [InlineData(64 << 20)]
    public void Save_AnyStagingSize_WritesTheSameFilesAsAStore(int stagingBytes)
    {
        var direct = _store.Save(TestContent.At(1));
        var expected = Contents(direct);
        using var writer = new CheckpointWriter(new CheckpointStore(_folder["other"]), stagingBytes);

        writer.Save(TestContent.At(1));

        Contents(writer.Drain()!).ShouldBe(expected);
        writer.StagingBytes.ShouldBeLessThanOrEqualTo(stagingBytes);
    }

    [Fact]
    public void Save_TensorsChangeAfterwards_WritesTheMomentOfTheSave()
    {
        var values = new byte[] { 1, 2, 3, 4 };
        var content = TestContent.OfBytes(1, 4) with
        {
            Fill = (_, first, destination) => values.AsSpan((int)first, destination.Length).CopyTo(destination),
        };
        using var writer = new CheckpointWriter(_store, CheckpointWriter.StagingBytesFor(content));

        writer.Save(content);
        Array.Clear(values);

        File.ReadAllBytes(Path.Combine(writer.Drain()!, "model.safetensors"))[^4..].ShouldBe([1, 2, 3, 4]);
    }

    [Fact]
    public void Save_Several_PublishesEach()
    {
        using var writer = new CheckpointWriter(_store, 1 << 20);
        foreach (var step in new[] { 1, 2, 3 })
            writer.Save(TestContent.At(step));

        writer.Drain().ShouldBe(_store.FindLatest()!.Path);

        _store.List().Select(e => e.Step).ShouldBe([3, 2, 1]);
        _store.List().SelectMany(e => CheckpointStore.Verify(e.Path)).ShouldBeEmpty();
    }

    [Fact]
    public void Save_CopyFails_ThrowsTheCauseAndCanSaveAgain()
    {
        using var writer = new CheckpointWriter(_store, 1 << 20);

        Should.Throw<TimeoutException>(() => writer.Save(TestContent.At(1, (_, _, _) => throw new TimeoutException(
            "device lost"))));
        writer.Save(TestContent.At(2));
        writer.Drain();

        _store.List().Select(e => e.Step).ShouldBe([2]);
        Directory.GetFileSystemEntries(_store.Folder).Length.ShouldBe(2);
    }

    [Fact]
    public void Drain_DiskFailedInTheBackground_ThrowsOnceThenGoesOn()
    {
        using var writer = new CheckpointWriter(_store, 1 << 20);
        // A folder in the place of the file: opening it fails, whoever runs the test.
        var blocked = TestContent.At(1) with
        {
            Fill = (_, _, _) => Directory.CreateDirectory(
                Path.Combine(Directory.GetDirectories(_store.Folder).Single(), "optimizer-rank00000.safetensors")),
        };

        writer.Save(blocked);

        Should.Throw<CheckpointException>(() => writer.Drain()).Message.ShouldStartWith(
            $"{_store.Folder}/step-00000001: the checkpoint of ");
        writer.Drain().ShouldBeNull();
        writer.Save(TestContent.At(2));
        writer.Drain().ShouldBe(_store.FindLatest()!.Path);
    }

    public void Dispose() => _folder.Dispose();

    private static IEnumerable<(string Name, string Hex)> Contents(string folder) =>
        Directory.GetFiles(folder).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetFileName(f), Convert.ToHexString(File.ReadAllBytes(f))));
}
