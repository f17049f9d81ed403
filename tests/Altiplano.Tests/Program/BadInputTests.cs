using Altiplano.Cli;
using Altiplano.Data.Tokenizers;
using Altiplano.Tests.Data.Tokenizers;
using Altiplano.Tests.Training.Generation;
using Altiplano.Tests.Training.Interchange;

namespace Altiplano.Tests.Program;

/// <summary>Every kind of input that the program must refuse: one clear message, the documented exit code, nothing lost.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Train_UnknownKey_NamesTheNearest() => Refused(
        ExitCodes.Usage, "error: --set batch.seqlen=64: batch.seqlen is not a key. Did you mean seq_len?",
        "train", new TinyRun(_folder).File, "--set", "batch.seqlen=64");

    [Fact]
    public void Train_EmptyRunFile_ListsWhatIsMissing() => Refused(
        ExitCodes.Usage, "4 problems; nothing was started.", "train", _folder.Write("empty.yaml", ""));

    [Fact]
    public void Train_NoRunFile_NamesIt() => Refused(
        ExitCodes.Usage, $"error: {_folder["no.yaml"]}: the file cannot be read.", "train", _folder["no.yaml"]);

    [Fact]
    public void Prepare_EmptyFile_NamesItAndTheRemedy() => Refused(
        ExitCodes.Failed, $"error: {_folder["empty.txt"]} is empty (0 bytes). Remove it from the input, or fetch it again.",
        "data", "prepare", _folder.Write("empty.txt", ""), "--tokenizer", Tokenizer(), "--output", _folder["o.bin"]);

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void Prepare_UnreadableFile_NamesIt()
    {
        var path = _folder.Write("secret.txt", "text");
        File.SetUnixFileMode(path, UnixFileMode.None);
        if (CanRead(path))
            Assert.Skip("root reads every file");
        Refused(ExitCodes.Failed, path, "data", "prepare", path, "--tokenizer", Tokenizer(), "--output", _folder["o.bin"]);
    }

    [Fact]
    public void Prepare_InvalidUtf8_NamesTheByteAndTheRemedyWorks()
    {
        File.WriteAllBytes(_folder["bad.txt"], [.. "hello "u8, 0xFF, .. " world\n"u8]);
        string[] arguments = ["data", "prepare", _folder["bad.txt"], "--tokenizer", Tokenizer(), "--output", _folder["o.bin"]];

        Refused(
            ExitCodes.Failed, $"error: {_folder["bad.txt"]}: byte 6 is 0xFF, which is not UTF-8 there. Convert the file to UTF-8, " +
            "for example with iconv, or replace such bytes by U+FFFD with --invalid-utf8 replace.", arguments);
        File.Exists(_folder["o.bin"]).ShouldBeFalse();

        AltiplanoProgram.Run([.. arguments, "--invalid-utf8", "replace"]).ShouldExitWith(ExitCodes.Done);
    }

    [Fact]
    public void Train_TruncatedTokenFile_GivesTheNumbers()
    {
        var run = new TinyRun(_folder);
        using (var file = File.OpenWrite(_folder["tokens.bin"]))
            file.SetLength(101);

        Refused(ExitCodes.Failed, $"error: {_folder["tokens"]}", run.Arguments("out"));
    }

    [Fact]
    public void Train_DataOfABiggerVocabulary_NamesTheToken() => Refused(
        ExitCodes.Failed, $"{_folder["tokens.bin"]}", [.. new TinyRun(_folder).Arguments("out"), "--set", "model.vocab_size=50"]);

    [Fact]
    public void Train_TokenizerThatIsNotTheDatas_NamesBothHashes()
    {
        var (run, tokenizer) = (new TinyRun(_folder), Tokenizer());
        Refused(
            ExitCodes.Failed, $"error: {_folder["tokens.bin"]} was made with tokenizer sha256:test; the run has tokenizer {SharedTokenizers.Small.Hash}.",
            [.. run.Arguments("out"), "--set", $"data.tokenizer={tokenizer}", "--set", "model.vocab_size=400"]);
    }

    [Fact]
    public void Train_TokenizerLargerThanTheModel_GivesBothSizes() => Refused(
        ExitCodes.Usage, "error: data.tokenizer has 400 ids, but the model's vocab_size is 96. Use vocab_size 400, or the model's own tokenizer.",
        [.. new TinyRun(_folder).Arguments("out"), "--set", $"data.tokenizer={Tokenizer()}"]);

    [Fact]
    public void Train_RunFolderOfAnotherModel_SaysWhatDiffersAndKeepsIt()
    {
        var run = new TinyRun(_folder);
        run.Train().ShouldExitWith(ExitCodes.Done);
        var before = Contents(run.Folder().Root);

        Refused(
            ExitCodes.Usage, $"error: run.out is {run.Folder().Root}, which holds a run of another model: there hidden_size is 64, not 32",
            [.. run.Arguments("out"), "--set", "model.hidden_size=32"]);

        Contents(run.Folder().Root).ShouldBe(before);
    }

    [Theory]
    [InlineData]
    [InlineData("--restart")]
    public void Train_SecondTrainerInTheFolder_IsRefusedAndTheFirstGoesOn(params string[] options)
    {
        var run = new TinyRun(_folder, steps: 400);
        using var first = run.Start("out");
        first.WaitForLine("step 1/");

        Refused(
            ExitCodes.Usage, $"error: run.out is {run.Folder().Root}, where another process trains now. Wait for it, or give this run another folder.",
            run.Arguments("out", options));

        first.Send("TERM");
        first.ReadToEnd().ShouldExitWith(ExitCodes.Interrupted);
        Directory.Exists(run.Folder().Root + ".1").ShouldBeFalse();
    }

    [Fact]
    public void Train_WeightsThatAreNotFinite_GivesUpAfterTenStepsAndSavesNone()
    {
        TinyFolder.WriteRandom(_folder["nan"], TinyModel.Architecture);
        // An export refuses such weights, so the last element is spoilt in the file.
        using (var file = File.OpenWrite(_folder["nan/model.safetensors"]))
        {
            file.Seek(-4, SeekOrigin.End);
            file.Write(BitConverter.GetBytes(float.NaN));
        }

        var run = new TinyRun(_folder, model: "nan");

        run.Train("out", "--set", "run.checkpoint_every=1000").ShouldExitWith(ExitCodes.Failed).Error.ShouldStartWith(
            "error: 10 steps in a row had no finite gradient (step 10: loss NaN, gradient norm NaN). " +
            "Lower optimizer.lr, raise optimizer.warmup_steps, or look at the data of these steps.");

        TinyRun.Events(run.Folder()).ShouldBe(["start", .. Enumerable.Repeat("step_skipped", 10), "aborted"]);
        File.ReadAllLines(run.Folder().Metrics).Length.ShouldBe(10);
        File.ReadAllLines(run.Folder().Metrics).ShouldAllBe(line => line.Contains("\"train/loss\":null"));
        Directory.Exists(run.Folder().Checkpoints).ShouldBeFalse();
    }

    [Fact]
    public void Score_IdOutsideTheVocabulary_NamesIt() => Refused(
        ExitCodes.Usage, "error: Token 2 is 32, but the model's vocabulary has 32 ids, 0 to 31.",
        "score", "--model", TinyFolder.WriteReference(_folder["m"]), "--tokens", "1,2,32");

    /// <summary>What is wrong with the options themselves, with where to read on behind it.</summary>
    [Theory]
    [InlineData("--max-tokens is \"x\", but it must be a whole number up to 2147483647.", "generate", "--model", "m", "-n", "x")]
    [InlineData("--max-tokens is -1, but it counts tokens. Use 0 or more.", "chat", "--model", "m", "-n", "-1")]
    [InlineData("--context is 0, but it counts tokens. Use 1 or more.", "chat", "--model", "m", "--context", "0")]
    [InlineData("--threads is 0, but it counts threads. Use 1 or more.", "score", "--model", "m", "--tokens", "1", "--threads", "0")]
    [InlineData("--vocab-size is 10, but it has room for 256 bytes and 2 special tokens. Use 258 or more.",
        "tokenizer", "train", "text", "--vocab-size", "10")]
    [InlineData("--workers is 0, but it counts threads. Use 1 or more.",
        "data", "prepare", "text", "--tokenizer", "t", "--output", "o.bin", "--workers", "0")]
    [InlineData("--validation is 5, but it is a part of the documents. Use a number from 0 up to, but not, 1.",
        "data", "prepare", "text", "--tokenizer", "t", "--output", "o.bin", "--validation", "5")]
    public void Options_NumberOutsideItsRange_IsUsage(string message, params string[] arguments) =>
        AltiplanoProgram.Run(arguments).ShouldExitWith(ExitCodes.Usage).Error.ShouldStartWith($"error: {message}\n");

    [Fact]
    public void Train_RunFileThatIsAFolder_SaysSo() =>
        Refused(ExitCodes.Usage, $"error: {_folder.Root}: is a folder, but a YAML file is needed.", "train", _folder.Root);

    [Fact]
    public void Train_RunFolderThatCannotBeMade_NamesTheKey() => Refused(
        ExitCodes.Usage, "error: run.out is /proc/x, which cannot be made: ",
        [.. new TinyRun(_folder).Arguments("out"), "--set", "run.out=/proc/x"]);

    [Fact]
    public void CheckpointList_NoFolder_IsRefused() => Refused(
        ExitCodes.Usage, $"error: {_folder["no"]}: does not exist. Give a run folder.", "checkpoint", "list", _folder["no"]);

    [Fact]
    public void Score_NoModel_SaysWhatAModelIs() => Refused(
        ExitCodes.Usage, $"error: {_folder["no"]}: does not exist. Give a Hugging Face folder, a .gguf file, a checkpoint or a run folder.",
        "score", "--model", _folder["no"], "--tokens", "1,2");

    [Fact]
    public void Score_TruncatedSafetensors_GivesTheNumbers()
    {
        TinyFolder.WriteReference(_folder["m"]);
        Cut(_folder["m/model.safetensors"], 4000);

        Refused(ExitCodes.Failed, "the file has", "score", "--model", _folder["m"], "--tokens", "1,2");
    }

    [Fact]
    public void Score_TruncatedGguf_GivesTheNumbers()
    {
        AltiplanoProgram.Run("export", TinyFolder.WriteReference(_folder["m"]), _folder["m.gguf"]).ShouldExitWith(ExitCodes.Done);
        Cut(_folder["m.gguf"], 8000);

        Refused(ExitCodes.Failed, "but the file has 8,000. Truncated?", "score", "--model", _folder["m.gguf"], "--tokens", "1,2");
    }

    [Fact]
    public void Score_FileThatIsNoGguf_SaysSo() => Refused(
        ExitCodes.Failed, _folder["x.gguf"], "score", "--model", _folder.Write("x.gguf", "this is not a model at all"), "--tokens", "1,2");

    public void Dispose() => _folder.Dispose();

    /// <summary>One error, no trace of a fault of the program's own, nothing on standard output that could be taken for a result.</summary>
    private static void Refused(int exitCode, string message, params string[] arguments)
    {
        var result = AltiplanoProgram.Run(arguments).ShouldExitWith(exitCode);
        result.Error.ShouldContain(message);
        result.Error.ShouldStartWith("error: ");
        result.Error.ShouldNotContain("fault of altiplano's own");
        result.Error.ShouldNotContain("   at ");
    }

    private static bool CanRead(string path)
    {
        try
        {
            File.ReadAllText(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Cut(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    /// <summary>Every file of a folder with a hash of its bytes; the lock has none.</summary>
    private static List<string> Contents(string folder) =>
    [
        .. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => file + Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))),
    ];

    private string Tokenizer()
    {
        HuggingFaceTokenizerJson.Write(SharedTokenizers.Small, _folder["tokenizer.json"]);
        return _folder["tokenizer.json"];
    }
}
