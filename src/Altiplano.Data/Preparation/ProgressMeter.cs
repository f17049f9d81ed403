using Altiplano.Data.Corpora;

namespace Altiplano.Data.Preparation;

/// <summary>Tells how many bytes of a corpus lie before a part.</summary>
internal sealed class ProgressMeter(Corpus corpus, IProgress<PreparationProgress>? progress)
{
    private readonly long _totalBytes = corpus.NumBytes;
    private int _file;
    private long _bytesBefore;

    public void Report(TextPart last, PreparationOutput output)
    {
        for (; _file < last.Next.File; _file++)
            _bytesBefore += corpus.Files[_file].NumBytes;
        progress?.Report(new PreparationProgress(
            _bytesBefore + last.FileBytesRead, _totalBytes, output.NumDocuments, output.NumTokens));
    }
}
