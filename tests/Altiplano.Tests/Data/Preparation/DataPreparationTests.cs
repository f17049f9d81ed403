using System.Text;
using Altiplano.Data;
using Altiplano.Data.Corpora;
using Altiplano.Data.Preparation;
using Altiplano.Data.TokenFiles;

namespace Altiplano.Tests.Data.Preparation;

public sealed class DataPreparationTests : IDisposable
{
    private const int NumLines = 160_000; // 40 chunks of 4,096: progress is saved after 32

    private readonly TempFolder _folder = new();

    private string Output => _folder["out/data"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_TwoDocuments_AreBosTextEos()
    {
        var result = Run(_folder.Write("a.jsonl", "{\"text\":\"hé\"}\n{\"text\":\"x\"}\n"));

        using var dataset = TokenDataset.Open(Output);
        var tokens = new int[dataset.NumTokens];
        dataset.CopyTokens(0, tokens);
        tokens.ShouldBe([ToyTokenizer.Bos, 'h', 0xC3, 0xA9, ToyTokenizer.Eos, ToyTokenizer.Bos, 'x', ToyTokenizer.Eos]);
        dataset.DocumentStart(1).ShouldBe(5);
        dataset.VerifyChecksum();
        result.TrainMetadata.ShouldBe(dataset.Metadata! with { Sources = result.TrainMetadata.Sources });
        result.TrainMetadata.Sources.ShouldBe(["a.jsonl"]);
        (result.TrainMetadata.TextBytes, result.TrainMetadata.NumDocuments, result.TrainMetadata.TokenizerHash).ShouldBe((4L, 2L, "sha256:toy"));
        (result.TrainMetadata.MaxTokenId, result.TrainMetadata.MaxTokenPosition).ShouldBe((ToyTokenizer.Eos, 4L));
        Directory.GetFiles(_folder["out"]).Select(Path.GetFileName).Order().ShouldBe(["data.bin", "data.idx", "data.meta.json"]);
    }

    [Fact]
    public void Run_WithoutSpecialTokens_WritesTheTextAlone()
    {
        var options = Options(_folder.Write("a.txt", "xyz")) with { AddBos = false, AddEos = false };

        Prepare(options, ToyTokenizer.Encoder).TrainMetadata.NumTokens.ShouldBe(3);
    }

    [Fact]
    public void Run_LargeTextFile_IsOneDocument()
    {
        var text = string.Concat(Enumerable.Repeat("a line of text\n", 300_000)); // 4.5 MB: five parts

        var metadata = Run(_folder.Write("a.txt", text)).TrainMetadata;

        (metadata.NumDocuments, metadata.NumTokens, metadata.TextBytes).ShouldBe((1L, text.Length + 2L, (long)text.Length));
    }

    [Fact]
    public void Run_AnyNumberOfWorkers_WritesTheSameBytes()
    {
        var input = WriteManyLines();
        var results = new[] { 1, 2, 5 }.Select(workers =>
        {
            Prepare(Options(input) with { Workers = workers, ValidationShare = 0.1 }, ToyTokenizer.Encoder);
            return OutputBytes();
        }).ToList();

        results[1].ShouldBe(results[0]);
        results[2].ShouldBe(results[0]);
    }

    [Fact]
    public void Run_KilledAndStartedAgain_GoesOnAndWritesTheSameBytes()
    {
        var options = Options(WriteManyLines()) with { ValidationShare = 0.1 };
        Prepare(options, ToyTokenizer.Encoder);
        var expected = OutputBytes();
        Directory.Delete(_folder["out"], recursive: true);

        Should.Throw<InvalidOperationException>(() => Prepare(options, StoppingAt("line 150000")));
        File.Exists(Output + ".bin").ShouldBeFalse();
        File.AppendAllText(Output + ".bin.partial", "written but not accounted for");
        var encoded = 0;
        Prepare(options, CountingWith(() => Interlocked.Increment(ref encoded)));

        encoded.ShouldBe(NumLines - (32 * 4096));
        OutputBytes().ShouldBe(expected);
    }

    [Fact]
    public void Run_Cancelled_SavesAndGoesOn()
    {
        var options = Options(WriteManyLines()) with { Workers = 1 };
        using var cancellation = new CancellationTokenSource();
        var encoded = 0;
        var first = CountingWith(() =>
        {
            if (Interlocked.Increment(ref encoded) == 60_000)
                cancellation.Cancel();
        });

        Should.Throw<OperationCanceledException>(() => DataPreparation.Run(options, first, null, cancellation.Token));
        encoded = 0;
        Prepare(options, CountingWith(() => Interlocked.Increment(ref encoded)));

        encoded.ShouldBeLessThan(NumLines);
        Prepare(options with { Output = _folder["again/data"] }, ToyTokenizer.Encoder);
        File.ReadAllBytes(Output + ".bin").ShouldBe(File.ReadAllBytes(_folder["again/data.bin"]));
    }

    [Fact]
    public void Run_KilledBetweenRenames_FinishesThem()
    {
        var options = Options(_folder.Write("a.txt", "text"));
        Run(options.Inputs[0]);
        var expected = OutputBytes();
        File.Delete(Output + ".idx");
        Directory.CreateDirectory(Output + ".idx"); // a folder of that name: the second rename fails

        Should.Throw<DataFormatException>(() => Prepare(options, ToyTokenizer.Encoder));
        Directory.Delete(Output + ".idx");
        Prepare(options, StoppingAt("text")); // nothing is encoded again

        OutputBytes().ShouldBe(expected);
    }

    [Fact]
    public void Run_OtherJobInterruptedBefore_StartsOver()
    {
        var options = Options(WriteManyLines());
        Should.Throw<InvalidOperationException>(() => Prepare(options, StoppingAt("line 150000")));

        Prepare(options with { AddBos = false }, ToyTokenizer.Encoder);
        Prepare(options with { AddBos = false, Output = _folder["again/data"] }, ToyTokenizer.Encoder);

        File.ReadAllBytes(Output + ".bin").ShouldBe(File.ReadAllBytes(_folder["again/data.bin"]));
    }

    [Fact]
    public void Run_FullDisk_SaysSoAndKeepsWhatWasThere()
    {
        if (!File.Exists("/dev/full"))
            Assert.Skip("/dev/full does not exist on this system");
        Run(_folder.Write("a.txt", "old"));
        var before = OutputBytes();
        File.CreateSymbolicLink(Output + ".bin.partial", "/dev/full");

        var error = Should.Throw<DataFormatException>(() => Run(WriteManyLines()));

        error.Message.ShouldStartWith($"{Output}: the token files cannot be written: No space left on device");
        error.Message.ShouldEndWith(
            "Files that were there before are untouched. Make room, wait for the process that writes there, or choose another " +
            "output; the same command then goes on where it stopped.");
        OutputBytes().ShouldBe(before);
    }

    [Fact]
    public void Run_OutputThatAnotherProcessWrites_IsRefused()
    {
        Directory.CreateDirectory(_folder["out"]);
        using var other = new FileStream(Output + ".bin.partial", FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        var error = Should.Throw<DataFormatException>(() => Run(_folder.Write("a.txt", "text")));

        error.Message.ShouldStartWith($"{Output}: the token files cannot be written: The process cannot access the file");
    }

    [Fact]
    public void Run_ValidationShare_HoldsOutTheSameDocumentsEverywhere()
    {
        var result = Prepare(Options(WriteManyLines()) with { ValidationShare = 0.1 }, ToyTokenizer.Encoder);

        result.ValidationMetadata!.NumDocuments.ShouldBeInRange(15_000, 17_000);
        (result.TrainMetadata.NumDocuments + result.ValidationMetadata.NumDocuments).ShouldBe(NumLines);
        result.Validation!.Bin.ShouldBe(Output + "-val.bin");
    }

    [Fact]
    public void Run_ValidationShareOfFewDocuments_SaysThatNoneIsHeldOutAndLeavesNothing()
    {
        var input = _folder.Write("a.txt", "x");

        Should.Throw<DataFormatException>(() => Prepare(Options(input) with { ValidationShare = 0.01 }, ToyTokenizer.Encoder))
            .Message.ShouldBe(
                "A validation share of 0.01 holds out none of 1 documents. Raise it, or give a validation file of its own.");

        Directory.GetFiles(_folder["out"]).ShouldBeEmpty();
    }

    [Fact]
    public void Run_InputWithoutText_IsRefused() =>
        Should.Throw<DataFormatException>(() => Run(_folder.Write("a.jsonl", "{\"text\":\"\"}"))).Message
            .ShouldBe($"{Output}: the inputs hold no text to train on (0 documents held out).");

    [Fact]
    public void Run_DamagedInput_IsTheReadersError() =>
        Should.Throw<DataFormatException>(() => Run(_folder.Write("a.jsonl", "{\"txt\":\"\"}"))).Message.ShouldContain("line 1 has no key \"text\"");

    [Fact]
    public void Run_TokenOutsideTheVocabulary_IsRefused() =>
        Should.Throw<DataFormatException>(() => Prepare(
                Options(_folder.Write("a.txt", "x")), ToyTokenizer.Encoder with { VocabSize = 257 }))
            .Message.ShouldBe("The tokenizer gave the id 257, but says that its vocabulary has 257 ids. Its file is damaged.");

    [Fact]
    public void Run_TokenizerWithoutBos_NamesTheOption() =>
        Should.Throw<DataFormatException>(() => Prepare(
                Options(_folder.Write("a.txt", "x")), ToyTokenizer.Encoder with { BosId = null }))
            .Message.ShouldBe(
                "The tokenizer has no begin-of-text id to put before each document. Use another tokenizer, or --no-bos.");

    [Fact]
    public void Run_TokenizerWithoutEos_NamesTheOption() =>
        Should.Throw<DataFormatException>(() => Prepare(
                Options(_folder.Write("a.txt", "x")), ToyTokenizer.Encoder with { EosId = null }))
            .Message.ShouldBe(
                "The tokenizer has no end-of-text id to put behind each document. Use another tokenizer, or --no-eos.");

    [Theory]
    [InlineData(0, 0.0, "workers is 0; at least 1 is needed.")]
    [InlineData(1, 1.0, "The validation share is 1; it is a part of the documents, from 0 to below 1.")]
    [InlineData(1, -0.1, "The validation share is -0.1; it is a part of the documents, from 0 to below 1.")]
    public void Run_OptionOutOfRange_IsRefused(int workers, double share, string message) =>
        Should.Throw<DataFormatException>(() => Prepare(
                Options(_folder.Write("a.txt", "x")) with { Workers = workers, ValidationShare = share }, ToyTokenizer.Encoder))
            .Message.ShouldBe(message);

    [Fact]
    public void Run_Progress_EndsWithAllBytesRead()
    {
        var reports = new List<PreparationProgress>();
        var input = WriteManyLines();
        _folder.Write("b.txt", "more");

        Prepare(Options(input, _folder["b.txt"]), ToyTokenizer.Encoder, new Recorder(reports));

        reports.Select(report => report.BytesRead).ShouldBeInOrder();
        var last = reports[^1];
        last.BytesRead.ShouldBe(last.TotalBytes);
        last.NumDocuments.ShouldBe(NumLines + 1);
    }

    private static TokenEncoder StoppingAt(string text) => ToyTokenizer.Encoder with
    {
        Encode = (span, ids) =>
        {
            if (span.SequenceEqual(text))
                throw new InvalidOperationException("the process stops here");
            ToyTokenizer.Encode(span, ids);
        },
    };

    private static TokenEncoder CountingWith(Action onEncode) => ToyTokenizer.Encoder with
    {
        Encode = (span, ids) =>
        {
            onEncode();
            ToyTokenizer.Encode(span, ids);
        },
    };

    private PreparationOptions Options(params string[] inputs) => new() { Inputs = inputs, Output = Output, Workers = 2 };

    private static PreparationResult Prepare(PreparationOptions options, TokenEncoder encoder, IProgress<PreparationProgress>? progress = null) =>
        DataPreparation.Run(options, encoder, progress, TestContext.Current.CancellationToken);

    private PreparationResult Run(string input) => Prepare(Options(input), ToyTokenizer.Encoder);

    private string WriteManyLines()
    {
        var lines = new StringBuilder();
        for (var i = 0; i < NumLines; i++)
            lines.Append("{\"text\":\"line ").Append(i).Append("\"}\n");
        return _folder.Write("many.jsonl", lines.ToString());
    }

    /// <summary>Name and SHA-256 of each finished file.</summary>
    private List<string> OutputBytes() =>
        [.. Directory.GetFiles(_folder["out"]).Where(path => !path.EndsWith(".partial", StringComparison.Ordinal))
            .Where(path => !path.EndsWith(".progress.json", StringComparison.Ordinal)).Order()
            .Select(path => $"{Path.GetFileName(path)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path)))}")];

    private sealed class Recorder(List<PreparationProgress> reports) : IProgress<PreparationProgress>
    {
        public void Report(PreparationProgress value) => reports.Add(value);
    }
}
