using System.IO.Compression;
using System.Text;
using Altiplano.Data;
using Altiplano.Data.Corpora;
using ZstdSharp;

namespace Altiplano.Tests.Data.Corpora;

public sealed class CorpusTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_FolderWithSubfolders_GivesKnownFilesInOrdinalOrder()
    {
        _folder.Write("b.txt", "four");
        _folder.Write("B.md", "one");
        _folder.Write("a/z.txt", "two");
        _folder.Write("a.txt", "three");
        _folder.Write("picture.png", "not text");
        _folder.Write(".hidden/secret.txt", "hidden");

        Texts(_folder.Root).ShouldBe(["one", "three", "two", "four"]); // '.' sorts before '/'
    }

    [Fact]
    public void Read_LinkToParentFolder_IsNotFollowed()
    {
        _folder.Write("a.txt", "text");
        Directory.CreateSymbolicLink(_folder["loop"], _folder.Root);

        Texts(_folder.Root).ShouldBe(["text"]);
    }

    [Fact]
    public void Read_ByteOrderMark_IsDropped()
    {
        File.WriteAllBytes(_folder["a.txt"], [0xEF, 0xBB, 0xBF, (byte)'x']);

        Texts(_folder["a.txt"]).ShouldBe(["x"]);
    }

    [Theory]
    [InlineData("a.txt.gz")]
    [InlineData("a.txt.zst")]
    public void Read_CompressedText_IsTheText(string name)
    {
        WriteCompressed(name, Encoding.UTF8.GetBytes("grüße\n"));

        Texts(_folder[name]).ShouldBe(["grüße\n"]);
    }

    [Fact]
    public void Read_GzipOfSeveralMembers_GivesAll()
    {
        WriteCompressed("a.jsonl.gz", "{\"text\":\"one\"}\n"u8.ToArray());
        var member = File.ReadAllBytes(_folder["a.jsonl.gz"]);
        File.WriteAllBytes(_folder["b.jsonl.gz"], [.. member, .. member]);

        Texts(_folder["b.jsonl.gz"]).ShouldBe(["one", "one"]);
    }

    [Theory]
    [InlineData("a.txt.gz")]
    [InlineData("a.txt.zst")]
    public void Read_TruncatedCompression_NamesFileAndSize(string name)
    {
        var noise = new byte[50_000];
        new Random(1).NextBytes(noise);
        WriteCompressed(name, Encoding.ASCII.GetBytes(Convert.ToHexString(noise)));
        var bytes = File.ReadAllBytes(_folder[name]);
        File.WriteAllBytes(_folder[name], bytes[..(bytes.Length / 2)]);

        var error = Should.Throw<DataFormatException>(() => Texts(_folder[name]));
        error.Message.ShouldStartWith($"{_folder[name]} ({bytes.Length / 2:N0} bytes) cannot be read: ");
        error.Message.ShouldEndWith("Truncated? Fetch it again.");
    }

    [Fact]
    public void Read_FromPosition_GivesTheRest()
    {
        _folder.Write("a.jsonl", "{\"text\":\"1\"}\n{\"text\":\"2\"}\n{\"text\":\"3\"}\n");
        _folder.Write("b.txt", "4");
        var corpus = Corpus.Open([_folder.Root]);
        var all = corpus.Read().ToList();

        for (var i = 0; i < all.Count; i++)
            corpus.Read(all[i].Next).Select(part => part.Text).ShouldBe(all.Skip(i + 1).Select(part => part.Text));
    }

    [Fact]
    public void NameOf_DocumentInFolder_IsRelativeWithLine()
    {
        _folder.Write("sub/a.jsonl", "{\"text\":\"1\"}\n\n{\"text\":\"2\"}\n");
        var corpus = Corpus.Open([_folder.Root]);

        corpus.Read().Select(corpus.NameOf).ShouldBe(["sub/a.jsonl:1", "sub/a.jsonl:3"]);
    }

    [Fact]
    public void Open_NoInput_AsksForOne() =>
        Should.Throw<DataFormatException>(() => Corpus.Open([])).Message.ShouldBe("No input: give at least one file or folder with text.");

    [Fact]
    public void Open_MissingPath_NamesIt() =>
        Should.Throw<DataFormatException>(() => Corpus.Open([_folder["no.txt"]])).Message.ShouldBe($"{_folder["no.txt"]} does not exist.");

    [Fact]
    public void Open_EmptyFile_IsRefused()
    {
        _folder.Write("a.txt", "");

        Should.Throw<DataFormatException>(() => Corpus.Open([_folder.Root])).Message
            .ShouldBe($"{_folder["a.txt"]} is empty (0 bytes). Remove it from the input, or fetch it again.");
    }

    [Fact]
    public void Open_FolderWithoutText_NamesTheKnownKinds()
    {
        _folder.Write("a.png", "x");

        Should.Throw<DataFormatException>(() => Corpus.Open([_folder.Root])).Message
            .ShouldBe(
                $"{_folder.Root} holds no file of a known kind. Known are {CorpusFile.KnownExtensions}; hidden files and " +
                "folders are left out.");
    }

    [Fact]
    public void Open_UnknownKind_ProposesAName()
    {
        var path = _folder.Write("notes", "x");

        Should.Throw<DataFormatException>(() => Corpus.Open([path])).Message.ShouldBe(
            $"{path} is of no known kind. Known are {CorpusFile.KnownExtensions}. Rename the file, for example to {path}.txt " +
            "when it is plain text.");
    }

    [Fact]
    public void Read_FileThatVanished_NamesIt()
    {
        var corpus = Corpus.Open([_folder.Write("a.txt", "x")]);
        File.Delete(_folder["a.txt"]);

        Should.Throw<DataFormatException>(() => corpus.Read().ToList()).Message.ShouldStartWith($"{_folder["a.txt"]} (1 bytes) cannot be read: ");
    }

    [Fact]
    public void Read_FileWithoutPermission_NamesIt()
    {
        Assert.SkipWhen(Environment.UserName == "root", "root may read every file");
        var path = _folder.Write("a.txt", "x");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.None);

        Should.Throw<DataFormatException>(() => Texts(path)).Message.ShouldStartWith($"{path} may not be read: ");
    }

    private static List<string> Texts(string path) => [.. Corpus.Open([path]).Read().Select(part => part.Text)];

    private void WriteCompressed(string name, byte[] content)
    {
        using var file = File.Create(_folder[name]);
        using Stream stream = name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(file, CompressionLevel.Fastest)
            : new CompressionStream(file);
        stream.Write(content);
    }
}
