using Altiplano.Data.Corpora;

namespace Altiplano.Bench;

/// <summary>The text of the data benchmarks: the training part of the .NET SDK's API reference, several times over.</summary>
internal static class BenchmarkText
{
    public static void Write(string path, int copies)
    {
        var documents = ApiReference.Extract().Train;
        JsonLinesWriter.Write(path, [.. Enumerable.Range(0, copies).SelectMany(_ => documents)]);
        Console.WriteLine($"{copies * documents.Sum(document => (long)System.Text.Encoding.UTF8.GetByteCount(document.Text))}");
    }
}
