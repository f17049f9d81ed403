using System.Runtime.InteropServices;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Tests.Training.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly CheckpointStore _store;

    public CheckpointStoreTests() => _store = new CheckpointStore(_folder["checkpoints"]);

    [Fact]
    public void Save_ThenOpen_GivesEverythingBackToTheBit()
    {
        var path = _store.Save(TestContent.At(1000));

        Path.GetFileName(path).ShouldBe("step-00001000");
        CheckpointStore.Verify(path).ShouldBeEmpty();
        using var checkpoint = CheckpointStore.Open(path);
        var manifest = checkpoint.Manifest;
        (manifest.Version, manifest.Step, manifest.TokensSeen).ShouldBe((1, 1000, 4_096_000));
        (manifest.Threads, manifest.Ranks).ShouldBe((2, 1));
        manifest.Config.ShouldBe("model: tiny\n");
        manifest.Counters.ShouldBe([new("dropout", 3), new("loader/sample", 8000)]);
        checkpoint.Weights.Weights.Select(w => (w.Name, w.Type, w.ShapeText)).ShouldBe(
            TestContent.Weights.Select(w => (w.Name, w.Type, w.ShapeText)), ignoreOrder: true);
        var moments = new float[10];
        checkpoint.Optimizer.Read("exp_avg_sq.lm_head.weight", moments);
        MemoryMarshal.AsBytes<float>(moments).ToArray().ShouldBe(TestContent.Bytes(1000, "exp_avg_sq.lm_head.weight", 40));
        var head = new double[10];
        checkpoint.Weights.Read("lm_head.weight", head);
        MemoryMarshal.AsBytes<double>(head).ToArray().ShouldBe(TestContent.Bytes(1000, "lm_head.weight", 80));
    }

    [Fact]
    public void Save_Manifest_PlacesEveryTensor()
    {
        using var checkpoint = CheckpointStore.Open(_store.Save(TestContent.At(1)));

        var tensor = checkpoint.Manifest.Tensors.Single(t => t.Name == "lm_head.weight");
        var slice = tensor.Slices.ShouldHaveSingleItem();
        (tensor.Dtype, slice.File).ShouldBe((WeightType.F64, "model.safetensors"));
        tensor.Shape.ShouldBe([2, 5]);
        slice.Box.ShouldBe([[0, 2], [0, 5]]);
        slice.Range.ShouldBe([0, 10]);
    }

    [Fact]
    public void FindLatest_NothingSaved_IsNull() => _store.FindLatest().ShouldBeNull();

    [Fact]
    public void FindLatest_AfterSaves_IsTheNewestWithoutWarning()
    {
        _store.Save(TestContent.At(9));
        var path = _store.Save(TestContent.At(10));

        _store.FindLatest().ShouldBe(new LatestCheckpoint(10, path, null));
        File.ReadAllText(_folder["checkpoints/latest"]).ShouldBe("step-00000010\n");
    }

    [Fact]
    public void FindLatest_NewestIsTruncated_FallsBackAndSaysSo()
    {
        var older = _store.Save(TestContent.At(10));
        var newer = _store.Save(TestContent.At(20));
        Truncate(Path.Combine(newer, "optimizer-rank00000.safetensors"), 7, out var before);

        var latest = _store.FindLatest();

        latest.ShouldBe(new LatestCheckpoint(
            10, older,
            $"{newer}: optimizer-rank00000.safetensors has {before - 7:N0} bytes, the manifest says {before:N0}. Truncated? " +
            $"{_folder["checkpoints/latest"]} names step-00000020. Using {older}, the newest complete checkpoint."));
    }

    [Fact]
    public void FindLatest_NoneComplete_IsAnErrorNotAFreshStart()
    {
        var path = _store.Save(TestContent.At(10));
        File.Delete(Path.Combine(path, "manifest.json"));

        Should.Throw<CheckpointException>(_store.FindLatest).Message.ShouldBe(
            $"{_store.Folder}: none of its 1 checkpoints is complete. {path}: has no manifest.json, which is written last. Cut " +
            "off? " +
            "Remove them to start from step 0.");
    }

    [Fact]
    public void FindLatest_KilledBeforeLatestWasWritten_FindsTheNewest()
    {
        _store.Save(TestContent.At(10));
        var path = _store.Save(TestContent.At(20));
        File.WriteAllText(_folder["checkpoints/latest"], "step-00000010\n");

        _store.FindLatest().ShouldBe(new LatestCheckpoint(
            20, path, $"{_folder["checkpoints/latest"]} names step-00000010. Using {path}, the newest complete checkpoint."));
    }

    [Fact]
    public void Save_LeftoversOfAKilledWriter_AreIgnoredThenRemoved()
    {
        var path = _store.Save(TestContent.At(10));
        Copy(path, _folder["checkpoints/step-00000020.partial-1"]);
        _folder.Write("checkpoints/latest.partial-1", "step-0");

        _store.FindLatest().ShouldBe(new LatestCheckpoint(10, path, null));
        _store.Save(TestContent.At(30));

        Entries().ShouldBe(["latest", "step-00000010", "step-00000030"]);
    }

    [Fact]
    public void Save_SameStepAgain_ReplacesIt()
    {
        _store.Save(TestContent.At(10));
        var path = _store.Save(TestContent.At(10) with { Config = "second" });

        Entries().ShouldBe(["latest", "step-00000010"]);
        CheckpointStore.Open(path).Manifest.Config.ShouldBe("second");
    }

    [Fact]
    public void FindLatest_KilledBetweenTheRenamesOfAReplacement_FindsTheOldOne()
    {
        var path = _store.Save(TestContent.At(10));
        Directory.Move(path, path + ".replaced");

        var latest = _store.FindLatest();

        latest.ShouldNotBeNull();
        latest.Path.ShouldBe(path + ".replaced");
        _store.Save(TestContent.At(20));
        Entries().ShouldBe(["latest", "step-00000010", "step-00000020"]);
    }

    [Fact]
    public void Save_FailsWhileCopying_LeavesNoTraceAndTheEarlierOnes()
    {
        var path = _store.Save(TestContent.At(10));

        Should.Throw<InvalidOperationException>(() => _store.Save(TestContent.At(20, (name, _, _) => Throw(name))));

        Entries().ShouldBe(["latest", "step-00000010"]);
        CheckpointStore.Verify(path).ShouldBeEmpty();
    }

    [Fact]
    public void Save_Policy_KeepsTheLastAndEveryNth()
    {
        var store = new CheckpointStore(_store.Folder, new CheckpointPolicy { KeepLast = 2, KeepEverySteps = 30 });
        for (var step = 10; step <= 80; step += 10)
            store.Save(TestContent.At(step));

        store.List().Select(e => e.Step).ShouldBe([80, 70, 60, 30]);
    }

    [Fact]
    public void Policy_ThatKeepsNothing_IsAProblem() =>
        new CheckpointPolicy { KeepLast = 0, KeepEverySteps = -5 }.FindProblems("checkpoint").ShouldBe(
        [
            "checkpoint.keep_last is 0, but a run resumes from its newest checkpoint. Use 1 or more.",
            "checkpoint.keep_every_steps is -5, but it counts steps. Use 0 to keep none for good.",
        ]);

    [Fact]
    public void Verify_FlippedBit_NamesFileAndChecksums()
    {
        var path = _store.Save(TestContent.At(10));
        var file = Path.Combine(path, "model.safetensors");
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);

        var problem = CheckpointStore.Verify(path).ShouldHaveSingleItem();

        problem.ShouldStartWith($"{path}: model.safetensors has checksum ");
        problem.ShouldEndWith("Its bytes have changed since it was written.");
    }

    [Fact]
    public void Verify_SeveralProblems_ReportsAll()
    {
        var path = _store.Save(TestContent.At(10));
        var weights = new FileInfo(Path.Combine(path, "model.safetensors"));
        var size = weights.Length;
        weights.Delete();
        Truncate(Path.Combine(path, "optimizer-rank00000.safetensors"), 1, out var before);

        CheckpointStore.Verify(path).Take(2).ShouldBe(
        [
            $"{path}: model.safetensors is missing, the manifest says {size:N0} bytes.",
            $"{path}: optimizer-rank00000.safetensors has {before - 1:N0} bytes, the manifest says {before:N0}. Truncated?",
        ]);
    }

    [Fact]
    public void Open_ManifestOfAnotherVersion_SaysWhich()
    {
        var manifest = Path.Combine(_store.Save(TestContent.At(10)), "manifest.json");
        var text = File.ReadAllText(manifest);
        File.WriteAllText(manifest, text.Replace("\"version\": 1", "\"version\": 7", StringComparison.Ordinal));

        Should.Throw<CheckpointException>(() => CheckpointStore.Open(Path.GetDirectoryName(manifest)!)).Message
            .ShouldBe($"{manifest}: is version 7; this program reads version 1. Use the program that wrote it.");
    }

    [Fact]
    public void Open_ManifestWithAnUnknownKey_IsRefused()
    {
        var manifest = Path.Combine(_store.Save(TestContent.At(10)), "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("\"threads\"", "\"thread\"", StringComparison.Ordinal));

        Should.Throw<CheckpointException>(() => CheckpointStore.Open(Path.GetDirectoryName(manifest)!)).Message
            .ShouldStartWith($"{manifest}: is no manifest of version 1: ");
    }

    [Fact]
    public void Open_TensorOfAnotherShapeThanTheManifest_SaysBoth()
    {
        var path = _store.Save(TestContent.At(10));
        var manifest = Path.Combine(path, "manifest.json");
        var text = File.ReadAllText(manifest);
        var at = text.IndexOf('5', text.IndexOf("\"exp_avg.lm_head.weight\"", StringComparison.Ordinal));
        File.WriteAllText(manifest, $"{text[..at]}6{text[(at + 1)..]}");

        Should.Throw<CheckpointException>(() => CheckpointStore.Open(path)).Message.ShouldBe(
            $"{path}: the manifest has exp_avg.lm_head.weight of F32 [2, 6], but its 1 slices hold 10 of 12 elements.");
    }

    public void Dispose() => _folder.Dispose();

    private static void Throw(string name) => throw new InvalidOperationException(name);

    private static void Truncate(string path, int bytes, out long before)
    {
        using var file = new FileStream(path, FileMode.Open);
        before = file.Length;
        file.SetLength(before - bytes);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private IEnumerable<string> Entries() =>
        Directory.GetFileSystemEntries(_store.Folder).Select(e => Path.GetFileName(e)!).Order(StringComparer.Ordinal);
}
