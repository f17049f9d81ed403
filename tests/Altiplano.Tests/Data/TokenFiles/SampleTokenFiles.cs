using Altiplano.Data.TokenFiles;

namespace Altiplano.Tests.Data.TokenFiles;

/// <summary>Token files with given content, for tests.</summary>
internal static class SampleTokenFiles
{
    public const string Hash = "sha256:test";

    /// <summary>Writes one document for each array.</summary>
    public static TokenFilePaths Write(string prefix, int vocabSize, params int[][] documents)
    {
        var (paths, dtype) = (new TokenFilePaths(prefix), TokenDtypes.For(vocabSize));
        using var writer = TokenFileWriter.Open(paths, dtype, TokenFileState.Empty);
        var batch = new TokenBatch(dtype, vocabSize);
        foreach (var document in documents)
            batch.Append([.. document], textBytes: document.Length, endsDocument: true);
        writer.Append(batch);
        writer.Complete(Describe(writer, vocabSize));
        TokenFileWriter.Publish(paths);
        return paths;
    }

    /// <summary>Documents of given lengths whose tokens count up from 0 over all of them.</summary>
    public static TokenFilePaths WriteCounting(string prefix, params int[] lengths)
    {
        var next = 0;
        return Write(prefix, 1_000_000, [.. lengths.Select(length => Enumerable.Range(0, length).Select(_ => next++).ToArray())]);
    }

    private static TokenFileMetadata Describe(TokenFileWriter writer, int vocabSize) => new()
    {
        Version = TokenFileMetadata.CurrentVersion,
        TokenizerHash = Hash,
        VocabSize = vocabSize,
        NumTokens = writer.State.NumTokens,
        NumDocuments = writer.State.NumDocuments,
        TextBytes = writer.State.TextBytes,
        MaxTokenId = writer.State.MaxToken,
        MaxTokenPosition = writer.State.MaxPosition,
        HasBos = false,
        HasEos = false,
        Sources = ["a.txt"],
        BinSha256 = writer.BinSha256(),
    };
}
