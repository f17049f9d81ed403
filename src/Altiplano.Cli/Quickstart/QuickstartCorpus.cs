using System.Text;
using Altiplano.Data.Corpora;

namespace Altiplano.Cli.Quickstart;

/// <summary>The text that the quick start trains on, split into training and held-out parts.</summary>
internal static class QuickstartCorpus
{
    private const double HeldOutShare = 0.03;

    /// <summary>Text of the user's that is read at most: many times what the quick start trains on.</summary>
    private const long MaxCharacters = 64_000_000;

    /// <summary>Writes <c>train.jsonl</c> and the held-out files.</summary>
    /// <param name="data">The user's files, or null for the API reference of the .NET SDK.</param>
    /// <returns>Names of the held-out parts that have text.</returns>
    /// <exception cref="Data.DataFormatException">There is no text, or it cannot be read.</exception>
    public static IReadOnlyList<string> Write(QuickstartFiles files, string? data, TextWriter output)
    {
        Directory.CreateDirectory(files.Data);
        var parts = data is null ? FromApiReference() : FromFiles(data);
        foreach (var (name, documents) in parts)
        {
            JsonLinesWriter.Write(files.Text(name), documents);
            Describe(name, documents, output);
        }

        return [.. parts.Where(part => part.Name != "train" && part.Documents.Count > 0).Select(part => part.Name)];
    }

    private static List<(string Name, IReadOnlyList<Document> Documents)> FromApiReference()
    {
        var reference = ApiReference.Extract();
        return [("train", reference.Train), ("val", reference.Val), ("val_members", reference.ValMembers)];
    }

    /// <summary>The last 3 % of the user's text are held out: the cut may fall inside a document, at the end of a line.</summary>
    private static List<(string Name, IReadOnlyList<Document> Documents)> FromFiles(string path)
    {
        var corpus = Corpus.Open([path]);
        var documents = TakeText(corpus.Read().Select(part => new Document(corpus.NameOf(part), part.Text))).ToList();
        var (train, held) = (new List<Document>(), new List<Document>());
        var left = (long)(documents.Sum(document => (long)document.Text.Length) * (1 - HeldOutShare));
        foreach (var document in documents)
        {
            var cut = document.Text.Length <= left ? document.Text.Length : CutAtLine(document.Text, (int)Math.Max(left, 0));
            if (cut > 0)
                train.Add(document with { Text = document.Text[..cut] });
            if (cut < document.Text.Length)
                held.Add(document with { Text = document.Text[cut..] });
            left -= document.Text.Length;
        }

        return [("train", train), ("val", held)];
    }

    private static IEnumerable<Document> TakeText(IEnumerable<Document> documents)
    {
        var taken = 0L;
        return documents.TakeWhile(document => (taken += document.Text.Length) - document.Text.Length < MaxCharacters);
    }

    private static int CutAtLine(string text, int position) => text.LastIndexOf('\n', Math.Min(position, text.Length - 1)) + 1;

    private static void Describe(string name, IReadOnlyList<Document> documents, TextWriter output)
    {
        var text = Encoding.UTF8.GetBytes(string.Join('\n', documents.Select(document => document.Text)));
        var baseline = name == "train" ? "" : $", bzip2 -9 needs {Bzip2Baseline.BitsPerByte(text):0.00} bits a byte";
        output.WriteLine($"  {name,-12} {documents.Count,6:N0} documents, {text.Length / 1e6,5:0.00} MB{baseline}");
    }
}
