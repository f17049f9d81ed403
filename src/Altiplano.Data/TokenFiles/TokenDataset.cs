using System.Security.Cryptography;

namespace Altiplano.Data.TokenFiles;

/// <summary>The tokens of a .bin file with the documents of its .idx, both mapped into memory.</summary>
/// <remarks>Safe for several threads.</remarks>
public sealed class TokenDataset : IDisposable
{
    private readonly TokenFilePaths _paths;
    private readonly MappedFile _bin;
    private readonly TokenFileIndex _index;

    private TokenDataset(TokenFilePaths paths, MappedFile bin, TokenFileIndex index, TokenFileMetadata? metadata)
    {
        (_paths, _bin, _index, Metadata) = (paths, bin, index, metadata);
        NumTokens = bin.Length / index.Dtype.NumBytes();
    }

    public string Path => _paths.Bin;
    public long NumTokens { get; }
    public long NumDocuments => _index.NumDocuments;
    public TokenDtype Dtype => _index.Dtype;

    /// <summary>Null for token files that another program wrote.</summary>
    public TokenFileMetadata? Metadata { get; }

    /// <param name="path">The .bin, or its path without extension.</param>
    /// <exception cref="DataFormatException">A file is absent, damaged, or does not fit the others.</exception>
    public static TokenDataset Open(string path)
    {
        var paths = TokenFilePaths.Of(path);
        var bin = MappedFile.Open(paths.Bin);
        TokenFileIndex? index = null;
        try
        {
            index = TokenFileIndex.Open(paths.Idx, bin.Length);
            var dataset = new TokenDataset(paths, bin, index, TokenFileMetadata.TryLoad(paths.Meta));
            dataset.CheckMetadata();
            return dataset;
        }
        catch
        {
            index?.Dispose();
            bin.Dispose();
            throw;
        }
    }

    /// <summary>Refuses tokens that another tokenizer made.</summary>
    /// <exception cref="DataFormatException">The hashes differ, or no metadata tells which tokenizer it was.</exception>
    public void RequireTokenizer(string hash)
    {
        if (Metadata is null)
            throw new DataFormatException(
                $"{Path} has no {_paths.Meta} beside it, so nothing says which tokenizer made it. Prepare the data with " +
                "`altiplano data prepare`.");
        if (Metadata.TokenizerHash != hash)
        {
            throw new DataFormatException(
                $"{Path} was made with tokenizer {Metadata.TokenizerHash}; the run has tokenizer {hash}. Give the run the " +
                "data's tokenizer, or prepare the data again.");
        }
    }

    /// <summary>Refuses ids that a model has no embedding for; reads all tokens when there is no metadata.</summary>
    /// <exception cref="DataFormatException">A token is outside the vocabulary; names the first of the largest.</exception>
    public void RequireVocabulary(int vocabSize)
    {
        var (max, position) = Metadata is null ? FindMax() : (Metadata.MaxTokenId, Metadata.MaxTokenPosition);
        if (max >= vocabSize)
            throw OutsideVocabulary(max, position, vocabSize);
    }

    /// <summary>Compares the .bin with the SHA-256 of its metadata; reads the whole file.</summary>
    /// <exception cref="DataFormatException">They differ.</exception>
    public void VerifyChecksum()
    {
        using var stream = File.OpenRead(Path);
        var actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (Metadata is not null && actual != Metadata.BinSha256)
            throw new DataFormatException(
                $"{Path} has SHA-256 {actual}; {_paths.Meta} says {Metadata.BinSha256}. Damaged? Prepare the data again.");
    }

    /// <summary>Copies tokens out of the file.</summary>
    /// <exception cref="DataFormatException">A token is outside the vocabulary that the metadata gives.</exception>
    public void CopyTokens(long start, Span<int> destination)
    {
        TokenConversion.Widen(_bin, Dtype, start, destination);
        var vocabSize = Metadata?.VocabSize ?? int.MaxValue;
        var outside = TokenConversion.IndexOfOutside(destination, vocabSize);
        if (outside >= 0)
            throw OutsideVocabulary(destination[outside], start + outside, vocabSize);
    }

    /// <summary>First token of a document, from 0; <see cref="NumTokens"/> for the one behind the last.</summary>
    public long DocumentStart(long document) => _index.DocumentStart(document, NumTokens);

    /// <summary>Index of the document that a token belongs to, in O(log documents).</summary>
    public long DocumentOf(long token)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, NumTokens);
        var (low, high) = (0L, NumDocuments);
        while (high - low > 1)
        {
            var middle = low + ((high - low) / 2);
            if (DocumentStart(middle) <= token)
                low = middle;
            else
                high = middle;
        }

        return low;
    }

    public void Dispose()
    {
        _index.Dispose();
        _bin.Dispose();
    }

    private void CheckMetadata()
    {
        if (Metadata is null || (Metadata.NumTokens == NumTokens && Metadata.NumDocuments == NumDocuments))
            return;
        throw new DataFormatException(
            $"{_paths.Meta} describes {Metadata.NumTokens:N0} tokens in {Metadata.NumDocuments:N0} documents; " +
            $"{Path} has {NumTokens:N0} in {NumDocuments:N0}. Files of two preparations mixed up? Prepare the data again.");
    }

    private (int Max, long Position) FindMax()
    {
        var buffer = new int[1 << 16];
        var (max, position) = (-1, 0L);
        for (var start = 0L; start < NumTokens; start += buffer.Length)
        {
            var tokens = buffer.AsSpan(0, (int)Math.Min(buffer.Length, NumTokens - start));
            CopyTokens(start, tokens);
            for (var i = 0; i < tokens.Length; i++)
            {
                if (tokens[i] > max)
                    (max, position) = (tokens[i], start + i);
            }
        }

        return (max, position);
    }

    private DataFormatException OutsideVocabulary(int id, long position, int vocabSize) => new(
        $"{Path}: token {position:N0} (document {DocumentOf(position):N0}) is {id}, but the vocabulary has {vocabSize:N0} " +
        $"ids, 0 to {vocabSize - 1}. " +
        "Use the tokenizer and the model that belong to this data, or prepare the data again.");
}
