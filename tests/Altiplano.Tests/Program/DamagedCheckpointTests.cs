using Altiplano.Cli;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Loop;

namespace Altiplano.Tests.Program;

/// <summary>Run folders whose newest checkpoint is no longer what was written.</summary>
public sealed class DamagedCheckpointTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly TinyRun _run;
    private readonly string _newest;

    public DamagedCheckpointTests()
    {
        _run = new TinyRun(_folder);
        _run.Train().ShouldExitWith(ExitCodes.Done);
        _run.Train("straight").ShouldExitWith(ExitCodes.Done);
        _newest = Folder.Checkpoint(TinyRun.Steps);
    }

    private RunFolder Folder => _run.Folder();

    private string Weights => Path.Combine(_newest, "model.safetensors");

    [Fact]
    public void Train_FlippedBit_FallsBackSaysSoAndRepeatsTheRun()
    {
        FlipBit(Weights);

        var verified = AltiplanoProgram.Run("checkpoint", "verify", _newest).ShouldExitWith(ExitCodes.Failed);
        verified.Error.ShouldMatch($"error: {_newest}: model.safetensors has checksum [0-9a-f]+, the manifest says [0-9a-f]+. Its bytes have changed since it was written.");
        var output = _run.Train().ShouldExitWith(ExitCodes.Done).Output;

        output.ShouldContain($"{_newest}: model.safetensors has checksum ");
        output.ShouldContain($"resuming after step 56 from {Folder.Checkpoint(56)}");
        Directory.Exists(_newest + ".damaged").ShouldBeTrue();
        TinyRun.ShouldBeIdentical(Folder, _run.Folder("straight"));
    }

    [Fact]
    public void Train_TruncatedFile_FallsBackSaysSoAndRepeatsTheRun()
    {
        using (var file = File.OpenWrite(Weights))
            file.SetLength(5000);

        AltiplanoProgram.Run("checkpoint", "verify", _newest).ShouldExitWith(ExitCodes.Failed).Error
            .ShouldContain($"error: {_newest}: model.safetensors has 5,000 bytes, the manifest says ");
        AltiplanoProgram.Run("checkpoint", "list", Folder.Root).Output.ShouldContain("Truncated?");
        var output = _run.Train().ShouldExitWith(ExitCodes.Done).Output;

        output.ShouldContain("model.safetensors has 5,000 bytes");
        output.ShouldContain($"Using {Folder.Checkpoint(56)}, the newest complete checkpoint.");
        TinyRun.ShouldBeIdentical(Folder, _run.Folder("straight"));
    }

    [Fact]
    public void Train_MissingManifest_FallsBack()
    {
        File.Delete(Path.Combine(_newest, "manifest.json"));

        _run.Train().ShouldExitWith(ExitCodes.Done).Output.ShouldContain("resuming after step 56");

        TinyRun.ShouldBeIdentical(Folder, _run.Folder("straight"));
    }

    [Fact]
    public void Train_EveryCheckpointDamaged_StartsNothingAndLosesNothing()
    {
        foreach (var folder in Directory.GetDirectories(Folder.Checkpoints))
            FlipBit(Path.Combine(folder, "model.safetensors"));
        var before = Directory.GetDirectories(Folder.Checkpoints).Order();

        var error = _run.Train().ShouldExitWith(ExitCodes.Failed).Error;

        error.ShouldStartWith($"error: {Folder.Checkpoints}: none of its checkpoints is sound. ");
        error.ShouldEndWith("Remove them to start from step 0.\n");
        Directory.GetDirectories(Folder.Checkpoints).Order().ShouldBe(before);
        File.ReadLines(Folder.Metrics).Count().ShouldBe(TinyRun.Steps);
    }

    [Fact]
    public void Score_TruncatedNewest_UsesTheOneBeforeAndWarns()
    {
        using (var file = File.OpenWrite(Weights))
            file.SetLength(5000);

        AltiplanoProgram.Run("score", "--model", Folder.Root, "--tokens", "1,2,3").ShouldExitWith(ExitCodes.Done).Error
            .ShouldStartWith($"warning: {_newest}: model.safetensors has 5,000 bytes");
    }

    /// <summary>A damaged newest must not push sound ones out of those that are kept.</summary>
    [Fact]
    public void FindSound_DamagedNewest_SetsItAsideAndKeepsTheRest()
    {
        FlipBit(Weights);
        var store = new CheckpointStore(Folder.Checkpoints, new CheckpointPolicy { KeepLast = 1 });

        var sound = store.FindSound()!;

        sound.Step.ShouldBe(56);
        sound.Warning!.ShouldContain("Its bytes have changed since it was written.");
        store.List().Select(entry => entry.Step).ShouldBe([56]);
    }

    public void Dispose() => _folder.Dispose();

    private static void FlipBit(string path)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Seek(-100, SeekOrigin.End);
        var value = file.ReadByte();
        file.Seek(-100, SeekOrigin.End);
        file.WriteByte((byte)(value ^ 0x10));
    }
}
