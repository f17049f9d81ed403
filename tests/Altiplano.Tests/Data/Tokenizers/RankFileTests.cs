using Altiplano.Data;
using Altiplano.Data.Tokenizers;

namespace Altiplano.Tests.Data.Tokenizers;

public sealed class RankFileTests
{
    private static string ErrorOf(string content)
    {
        using var folder = new TempFolder();
        var path = folder.Write("tokenizer.model", content);
        var message = Should.Throw<DataFormatException>(() => Tokenizer.Load(folder.Root)).Message;
        message.ShouldStartWith(path + ": ");
        return message[(path.Length + 2)..];
    }

    [Fact]
    public void Load_EmptyFile_SaysSo() =>
        ErrorOf("").ShouldBe("the file is empty; a rank file has a line \"base64 rank\" for every token.");

    [Theory]
    [InlineData("IQ== 0\nIg=", 2)]
    [InlineData("IQ== 0\nIg== \n", 2)]
    [InlineData("IQ== 0\nI?== 1\n", 2)]
    [InlineData("IQ== 0\n\nIQ== -1\n", 3)]
    [InlineData("\u0001\u0002<unk>", 1)]
    [InlineData(" 0\n", 1)]
    public void Load_LineThatIsNoRank_SaysWhichLine(string content, int line) => ErrorOf(content).ShouldBe(
        $"line {line} is not \"base64 rank\". A rank file has one such line for every token;"
        + " a SentencePiece model (Llama 2) has none and is not supported. Is the file truncated?");

    [Fact]
    public void Load_RankThatIsAbsent_SaysWhich() =>
        ErrorOf("IQ== 0\nIg== 2\n").ShouldBe("rank 1 is absent, the next is 2; ranks run from 0 without a gap.");

    [Fact]
    public void Load_RankGivenTwice_SaysWhich() =>
        ErrorOf("IQ== 0\nIg== 0\n").ShouldBe("line 2 gives rank 0 a second time; every rank has one token.");

    [Fact]
    public void Load_OtherRanksThanMetas_NamesThoseThatAreKnown() => ErrorOf("IQ== 0\nIg== 1\n").ShouldBe(
        "2 ranks that are not those of Llama 3 (128,000) or Llama 4 (200,000). A rank file says neither how text is split nor"
        + " which special tokens there are, so only these can be read. Truncated or edited? Any other vocabulary: use a tokenizer.json.");

    [Fact]
    public void Load_TruncatedFileOfLlama3_SaysHowManyRanksItHas()
    {
        var lines = File.ReadLines(RankFiles.Path("llama3")).Take(100_000);

        ErrorOf(string.Join('\n', lines)).ShouldStartWith("100,000 ranks that are not those of Llama 3 (128,000)");
    }

    [Fact]
    public void Load_EditedFileOfLlama3_IsRefused()
    {
        var content = File.ReadAllText(RankFiles.Path("llama3"));
        ErrorOf(content.Replace("\nIEg", "\nIEk", StringComparison.Ordinal)).ShouldStartWith("128,000 ranks that are not those of Llama 3");
    }
}
