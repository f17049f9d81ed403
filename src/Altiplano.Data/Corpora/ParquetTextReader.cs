using Parquet;
using Parquet.Schema;

namespace Altiplano.Data.Corpora;

/// <summary>Reads one document from each row of a Parquet file; one row group is in memory at a time.</summary>
/// <remarks>Parquet.Net decodes strings itself and puts U+FFFD for what is not UTF-8.</remarks>
internal static class ParquetTextReader
{
    public static IEnumerable<TextPart> Read(CorpusFile file, CorpusOptions options)
    {
        using var stream = file.Open(out _);
        var parquet = Wait(ParquetReader.CreateAsync(stream));
        var column = FindColumn(parquet.Schema, file, options.TextKey);
        var row = 0L;
        for (var group = 0; group < parquet.RowGroupCount; group++)
        {
            foreach (var text in ReadGroup(parquet, group, column))
            {
                row++;
                if (!string.IsNullOrEmpty(text))
                    yield return new TextPart(row, text) { FileBytesRead = file.NumBytes * group / parquet.RowGroupCount };
            }
        }
    }

    private static DataField FindColumn(ParquetSchema schema, CorpusFile file, string textKey)
    {
        var columns = schema.GetDataFields();
        var column = columns.FirstOrDefault(field => field.Path.ToString() == textKey) ?? throw new DataFormatException(
            $"{file.Path} has no column \"{textKey}\"; its columns are {string.Join(", ", columns.Select(field => field.Path))}. " +
            "Name the column of the text with --text-key.");
        if (column.ClrType != typeof(ReadOnlyMemory<char>) || column.MaxRepetitionLevel > 0)
        {
            var type = column.MaxRepetitionLevel > 0 ? "a list" : column.ClrType.Name;
            throw new DataFormatException(
                $"{file.Path}: column \"{textKey}\" is {type}; a string column is needed. Name the column of the text with " +
                "--text-key.");
        }

        return column;
    }

    private static string?[] ReadGroup(ParquetReader parquet, int group, DataField column)
    {
        using var reader = parquet.OpenRowGroupReader(group);
        var texts = new string?[reader.RowCount];
        reader.ReadAsync(column, texts.AsMemory()!).AsTask().GetAwaiter().GetResult();
        return texts;
    }

    /// <summary>Parquet.Net has asynchronous calls only; corpora are read on a thread of their own.</summary>
    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
