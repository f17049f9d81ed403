using ICSharpCode.SharpZipLib;
using Parquet;
using ZstdSharp;

namespace Altiplano.Data.Corpora;

/// <summary>Text in files and folders, read as a stream of documents in a fixed order.</summary>
public sealed class Corpus
{
    private readonly CorpusOptions _options;

    private Corpus(IReadOnlyList<CorpusFile> files, CorpusOptions options) => (Files, _options) = (files, options);

    public IReadOnlyList<CorpusFile> Files { get; }

    public long NumBytes => Files.Sum(file => file.NumBytes);

    /// <param name="inputs">
    /// Files and folders; a folder stands for all known files in it and its subfolders, in ordinal order.
    /// </param>
    /// <exception cref="DataFormatException">
    /// A path does not exist, a folder holds no known file, or a file is of an unknown kind or empty.
    /// </exception>
    public static Corpus Open(IReadOnlyList<string> inputs, CorpusOptions? options = null) =>
        new(CorpusFileSearch.Find(inputs), options ?? new CorpusOptions());

    /// <summary>
    /// The documents from a place on. Those without text are left out. A plain text file of more than 1 MiB comes in parts, cut
    /// between a line break and a letter or digit, where the tokenizers of Llama 3 and 4 cut as well: the tokens are those of the
    /// whole.
    /// </summary>
    /// <exception cref="DataFormatException">
    /// A file cannot be read or does not hold what its name says; the message names the place.
    /// </exception>
    public IEnumerable<TextPart> Read(CorpusPosition from = default)
    {
        for (var index = from.File; index < Files.Count; index++)
        {
            var part = 0L;
            var skipped = index == from.File ? from.Part : 0;
            foreach (var text in Guarded(Files[index]))
            {
                part++;
                if (part > skipped)
                    yield return text with { Next = new CorpusPosition(index, part) };
            }
        }
    }

    /// <summary>
    /// The name that says whether a document is held out: its file's name, and its line where the file has many.
    /// </summary>
    public string NameOf(TextPart part)
    {
        var file = Files[part.Next.File];
        return part.Line == 0 ? file.Name : $"{file.Name}:{part.Line}";
    }

    /// <summary>The parts of one file, with every failure to read it told in one way.</summary>
    private IEnumerable<TextPart> Guarded(CorpusFile file)
    {
        using var parts = Guard(file, () => ReadFile(file).GetEnumerator());
        while (Guard(file, parts.MoveNext))
            yield return parts.Current;
    }

    private IEnumerable<TextPart> ReadFile(CorpusFile file) => file.Format switch
    {
        CorpusFormat.JsonLines => JsonLinesReader.Read(file, _options),
        CorpusFormat.Parquet => ParquetTextReader.Read(file, _options),
        _ => PlainTextReader.Read(file, _options),
    };

    private static T Guard<T>(CorpusFile file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new DataFormatException(
                $"{file.Path} may not be read: {e.Message} Change its permissions, or leave it out.", e);
        }
        catch (Exception e) when (e is IOException or SharpZipBaseException or ZstdException or ParquetException)
        {
            throw new DataFormatException(
                $"{file.Path} ({file.NumBytes:N0} bytes) cannot be read: {e.Message} Truncated? Fetch it again.", e);
        }
    }
}
