using System.Text;
using Altiplano.Data;
using Altiplano.Data.Corpora;

namespace Altiplano.Tests.Data.Corpora;

public sealed class JsonLinesReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_TwoObjects_GivesTheirTextsAndLines()
    {
        var parts = Read("""
            {"id": 1, "text": "a\nb é \u00e9 \ud83d\ude00", "more": {"text": "not this"}}

            {"text": "second", "list": [1, {"x": 2}]}
            """);

        parts.Select(part => part.Text).ShouldBe(["a\nb é é 😀", "second"]);
        parts.Select(part => part.Line).ShouldBe([1, 3]);
    }

    [Fact]
    public void Read_WindowsLineEnds_AreNotPartOfTheText() =>
        Read("{\"text\":\"a\"}\r\n{\"text\":\"b\"}\r\n").Select(part => part.Text).ShouldBe(["a", "b"]);

    [Fact]
    public void Read_DocumentWithoutText_IsLeftOut() =>
        Read("{\"text\":\"\"}\n{\"text\":\"b\"}").Select(part => part.Text).ShouldBe(["b"]);

    [Fact]
    public void Read_LineLongerThanTheWindow_IsWhole()
    {
        var text = new string('x', 5_000_000);

        Read($"{{\"text\":\"a\"}}\n{{\"text\":\"{text}\"}}\n{{\"text\":\"b\"}}").Select(part => part.Text.Length).ShouldBe([1, text.Length, 1]);
    }

    [Fact]
    public void Read_ConfiguredKey_IsRead() => Read("{\"text\":1,\"body\":\"b\"}", new CorpusOptions { TextKey = "body" }).Single().Text.ShouldBe("b");

    [Theory]
    [InlineData("{\"id\":1,\"body\":\"x\"}", "line 2 has no key \"text\"; its keys are id, body. Name the key of the text with --text-key.")]
    [InlineData("{\"text\":7}", "line 2 has a number under \"text\"; a string is needed. Name the key of the text with --text-key.")]
    [InlineData("{\"text\":null}", "line 2 has a null under \"text\"; a string is needed. Name the key of the text with --text-key.")]
    [InlineData("[1]", "line 2 is a JSON array; an object with the key \"text\" is needed.")]
    public void Read_WrongObject_SaysWhatIsThere(string line, string message) =>
        Should.Throw<DataFormatException>(() => Read($"{{\"text\":\"ok\"}}\n{line}\n")).Message.ShouldBe($"{_folder["a.jsonl"]}: {message}");

    [Theory]
    [InlineData("{\"text\":\"x\"")]
    [InlineData("{\"text\":\"x\"} {}")]
    [InlineData("not json")]
    public void Read_MalformedLine_NamesIt(string line)
    {
        var error = Should.Throw<DataFormatException>(() => Read($"{{\"text\":\"ok\"}}\n{line}\n"));
        error.Message.ShouldStartWith($"{_folder["a.jsonl"]}: line 2 is not one JSON object: ");
        error.Message.ShouldEndWith("Mend or remove the line.");
    }

    [Fact]
    public void Read_InvalidUtf8_NamesLineAndByte()
    {
        Write([.. "{\"text\":\"ok\"}\n{\"text\":\""u8, 0xC3, .. "\"}\n"u8]);

        Should.Throw<DataFormatException>(() => Read()).Message.ShouldStartWith($"{_folder["a.jsonl"]}: line 2, byte 23 is 0xC3, which is not UTF-8 there.");
    }

    [Fact]
    public void Read_InvalidUtf8Replaced_GivesReplacementCharacter()
    {
        Write([.. "{\"text\":\"a"u8, 0xC3, .. "\"}\n"u8]);

        Read(new CorpusOptions { InvalidUtf8 = InvalidUtf8.Replace }).Single().Text.ShouldBe("a\uFFFD");
    }

    [Theory]
    [InlineData("\\ud800")]
    [InlineData("x\\udc00y")]
    [InlineData("\\ud800\\ud800\\udc00")]
    public void Read_HalfSurrogatePair_IsAnError(string text) =>
        Should.Throw<DataFormatException>(() => Read($"{{\"text\":\"{text}\"}}")).Message.ShouldBe(
            $"{_folder["a.jsonl"]}: line 1 has a \\u escape in \"text\" that is half a surrogate pair, which is no character. " +
            "Mend the line, or replace such escapes by U+FFFD with --replace-invalid-utf8.");

    [Theory]
    [InlineData("\\ud800", "\uFFFD")]
    [InlineData("x\\udc00y", "x\uFFFDy")]
    [InlineData("\\ud800\\ud83d\\ude00", "\uFFFD😀")]
    [InlineData("\\\\ud800 \\u0041", "\\ud800 A")]
    public void Read_HalfSurrogatePairReplaced_KeepsTheRest(string text, string expected) =>
        Read($"{{\"text\":\"{text}\"}}", new CorpusOptions { InvalidUtf8 = InvalidUtf8.Replace }).Single().Text.ShouldBe(expected);

    [Fact]
    public void Write_Documents_AreReadBack()
    {
        string[] texts = ["plain", "\"quoted\"\n\tand é 😀 <b>", "\u0001"];
        JsonLinesWriter.Write(_folder["a.jsonl"], texts.Select((text, i) => new Document($"name {i}", text)));

        Read().Select(part => part.Text).ShouldBe(texts);
    }

    private List<TextPart> Read(string content, CorpusOptions? options = null)
    {
        Write(Encoding.UTF8.GetBytes(content));
        return Read(options);
    }

    private List<TextPart> Read(CorpusOptions? options = null) => [.. Corpus.Open([_folder["a.jsonl"]], options).Read()];

    private void Write(byte[] content) => File.WriteAllBytes(_folder["a.jsonl"], content);
}
