using System.Text;
using Altiplano.Data;
using Altiplano.Data.Corpora;

namespace Altiplano.Tests.Data.Corpora;

public sealed class PlainTextReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_LargeFile_ComesInPartsCutBeforeALetterBehindALineBreak()
    {
        var line = "Ünïcode, and  spaces.\n\n  indented\n/slash\n漢字の行\n";
        var text = string.Concat(Enumerable.Repeat(line, 80_000));
        var parts = Read(_folder.Write("a.txt", text));

        parts.Count.ShouldBeGreaterThan(3);
        string.Concat(parts.Select(part => part.Text)).ShouldBe(text);
        parts.Select(part => part.StartsDocument).ShouldBe(parts.Select((_, i) => i == 0));
        parts.Select(part => part.EndsDocument).ShouldBe(parts.Select((_, i) => i == parts.Count - 1));
        foreach (var (left, right) in parts.Zip(parts.Skip(1)))
        {
            left.Text[^1].ShouldBe('\n');
            char.IsLetterOrDigit(right.Text[0]).ShouldBeTrue();
        }
    }

    [Fact]
    public void Read_LargeFileWithoutLineBreak_IsCutBetweenCharacters()
    {
        var text = string.Concat(Enumerable.Repeat("€", 24_000_000)); // 72 MB of 3-byte characters; parts have at most 64 MiB

        var parts = Read(_folder.Write("a.txt", text));

        parts.Count.ShouldBe(2);
        (parts[0].Text.Length + parts[1].Text.Length).ShouldBe(text.Length);
        parts.ShouldAllBe(part => !part.Text.Contains('\uFFFD'));
    }

    [Fact]
    public void Read_InvalidUtf8InLaterPart_NamesTheByte()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("twelve chars\n", 200_000)));
        bytes[2_000_000] = 0xFF;
        File.WriteAllBytes(_folder["a.txt"], bytes);

        Should.Throw<DataFormatException>(() => Read(_folder["a.txt"])).Message.ShouldBe(
            $"{_folder["a.txt"]}: byte 2000000 is 0xFF, which is not UTF-8 there. " +
            "Convert the file to UTF-8, for example with iconv, or replace such bytes by U+FFFD with --replace-invalid-utf8.");
    }

    [Fact]
    public void Read_CharacterCutOffAtTheEnd_NamesItsFirstByte()
    {
        File.WriteAllBytes(_folder["a.txt"], [(byte)'a', 0xE2, 0x82]);

        Should.Throw<DataFormatException>(() => Read(_folder["a.txt"])).Message.ShouldStartWith($"{_folder["a.txt"]}: byte 1 is 0xE2");
    }

    [Fact]
    public void Read_InvalidUtf8Replaced_GivesReplacementCharacters()
    {
        File.WriteAllBytes(_folder["a.txt"], [(byte)'a', 0xFF, (byte)'b']);

        Read(_folder["a.txt"], InvalidUtf8.Replace).Single().Text.ShouldBe("a\uFFFDb");
    }

    private static List<TextPart> Read(string path, InvalidUtf8 invalid = InvalidUtf8.Error) =>
        [.. Corpus.Open([path], new CorpusOptions { InvalidUtf8 = invalid }).Read()];
}
