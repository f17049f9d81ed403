using Altiplano.Data;
using Altiplano.Data.Corpora;
using Parquet;
using Parquet.Schema;

namespace Altiplano.Tests.Data.Corpora;

public sealed class ParquetTextReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string FilePath => _folder["a.parquet"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Zstd)]
    [InlineData(CompressionMethod.Gzip)]
    public async Task Read_RowGroups_GivesRowsWithText(CompressionMethod compression)
    {
        await WriteAsync(compression, ["one", null, "grüße"], ["", "漢字"]);

        var parts = Corpus.Open([FilePath]).Read().ToList();

        parts.Select(part => part.Text).ShouldBe(["one", "grüße", "漢字"]);
        parts.Select(part => part.Line).ShouldBe([1, 3, 5]);
    }

    [Fact]
    public async Task Read_MissingColumn_NamesThoseThere()
    {
        await WriteAsync(CompressionMethod.None, ["x"]);

        Should.Throw<DataFormatException>(() => Read("body")).Message.ShouldBe(
            $"{FilePath} has no column \"body\"; its columns are id, text. Name the column of the text with --text-key.");
    }

    [Fact]
    public async Task Read_ColumnOfNumbers_IsRefused()
    {
        await WriteAsync(CompressionMethod.None, ["x"]);

        Should.Throw<DataFormatException>(() => Read("id")).Message.ShouldBe(
            $"{FilePath}: column \"id\" is Int32; a string column is needed. Name the column of the text with --text-key.");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(-1)]
    public async Task Read_TruncatedFile_NamesIt(int length)
    {
        await WriteAsync(CompressionMethod.None, ["some text to be cut off"]);
        var bytes = await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(FilePath, bytes[..(length < 0 ? bytes.Length + length : length)], TestContext.Current.CancellationToken);

        Should.Throw<DataFormatException>(() => Read("text")).Message.ShouldStartWith($"{FilePath} (");
    }

    private List<TextPart> Read(string column) => Corpus.Open([FilePath], new CorpusOptions { TextKey = column }).Read().ToList();

    private async Task WriteAsync(CompressionMethod compression, params string?[][] groups)
    {
        var (id, text) = (new DataField("id", typeof(int), false), new DataField("text", typeof(string), true));
        await using var stream = File.Create(FilePath);
        await using var writer = await ParquetWriter.CreateAsync(
            new ParquetSchema(id, text), stream, new ParquetOptions { CompressionMethod = compression });
        foreach (var group in groups)
        {
            using var rows = writer.CreateRowGroup();
            await rows.WriteAsync<int>(id, group.Select((_, i) => i).ToArray());
            await rows.WriteAsync(text, group!);
        }
    }
}
