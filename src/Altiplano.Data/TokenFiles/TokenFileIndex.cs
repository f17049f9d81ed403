namespace Altiplano.Data.TokenFiles;

/// <summary>A Megatron .idx file: where each sequence and each document lies in the .bin.</summary>
/// <remarks>
/// Layout, little-endian: "MMIDIDX\0\0", u64 version 1, u8 dtype code, u64 sequences, u64 entries of the document index, then
/// int32 lengths in tokens, int64 byte offsets, int64 first sequence of each document with the number of sequences last. Source:
/// Megatron-LM, IndexedDataset.
/// </remarks>
internal sealed class TokenFileIndex : IDisposable
{
    public const int HeaderBytes = 9 + 8 + 1 + 8 + 8;
    public const ulong Version = 1;

    private readonly MappedFile _file;
    private readonly string _path;
    private readonly long _lengths;
    private readonly long _pointers;
    private readonly long _documents;

    private TokenFileIndex(MappedFile file, string path)
    {
        (_file, _path) = (file, path);
        NumSequences = file.Length < HeaderBytes ? 0 : file.Element<long>(18, 0);
        NumDocuments = file.Length < HeaderBytes ? 0 : file.Element<long>(26, 0) - 1;
        _lengths = HeaderBytes;
        _pointers = _lengths + (NumSequences * sizeof(int));
        _documents = _pointers + (NumSequences * sizeof(long));
    }

    public static ReadOnlySpan<byte> Magic => "MMIDIDX\0\0"u8;

    public TokenDtype Dtype => (TokenDtype)_file.Element<byte>(17, 0);
    public long NumSequences { get; }
    public long NumDocuments { get; }

    /// <summary>Opens and checks the whole file, in time linear in the number of documents.</summary>
    /// <exception cref="DataFormatException">
    /// The file is not of this format, truncated, or does not fit the size of the .bin.
    /// </exception>
    public static TokenFileIndex Open(string path, long binBytes)
    {
        var index = new TokenFileIndex(MappedFile.Open(path), path);
        try
        {
            index.CheckHeader();
            index.CheckSequences(binBytes);
            index.CheckDocuments();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    /// <summary>First token of a document; the number of tokens for the document behind the last.</summary>
    public long DocumentStart(long document, long numTokens)
    {
        var sequence = _file.Element<long>(_documents, document);
        return sequence == NumSequences ? numTokens : _file.Element<long>(_pointers, sequence) / Dtype.NumBytes();
    }

    public void Dispose() => _file.Dispose();

    private void CheckHeader()
    {
        if (_file.Length < HeaderBytes)
            throw Damaged($"has {_file.Length:N0} bytes; the header alone needs {HeaderBytes}");
        if (!_file.Span<byte>(0, Magic.Length).SequenceEqual(Magic))
            throw Damaged("does not begin with \"MMIDIDX\", so it is not a Megatron index");
        if (_file.Element<ulong>(9, 0) != Version)
            throw Damaged($"has version {_file.Element<ulong>(9, 0)}; version {Version} is needed");
        if (!Enum.IsDefined(Dtype))
            throw Damaged($"has dtype code {(byte)Dtype}, which is no integer type");
        if (NumSequences is < 0 or > 1L << 48 || NumDocuments is < 0 or > 1L << 48)
            throw Damaged($"claims {NumSequences:N0} sequences and {NumDocuments:N0} documents");
        var expected = _documents + ((NumDocuments + 1) * sizeof(long));
        if (_file.Length != expected)
            throw Damaged(
                $"has {_file.Length:N0} bytes; {NumSequences:N0} sequences and {NumDocuments:N0} documents take {expected:N0}");
    }

    private void CheckSequences(long binBytes)
    {
        var offset = 0L;
        for (var i = 0L; i < NumSequences; i++)
        {
            var length = _file.Element<int>(_lengths, i);
            var pointer = _file.Element<long>(_pointers, i);
            if (pointer != offset || length < 0)
                throw Damaged(
                    $"says that sequence {i:N0} has {length:N0} tokens at byte {pointer:N0}; the sequences before it end at " +
                    $"byte {offset:N0}");
            offset += (long)length * Dtype.NumBytes();
        }

        if (offset != binBytes)
            throw Damaged($"describes {offset:N0} bytes of tokens; the .bin beside it has {binBytes:N0}");
    }

    private void CheckDocuments()
    {
        var previous = 0L;
        for (var i = 0L; i <= NumDocuments; i++)
        {
            var sequence = _file.Element<long>(_documents, i);
            if (sequence < previous || sequence > NumSequences || (i == 0 && sequence != 0))
                throw Damaged(
                    $"says that document {i:N0} begins at sequence {sequence:N0} of {NumSequences:N0}, after one that begins " +
                    $"at {previous:N0}");
            previous = sequence;
        }

        if (previous != NumSequences)
            throw Damaged($"ends its last document at sequence {previous:N0} of {NumSequences:N0}");
    }

    private DataFormatException Damaged(string what) => new($"{_path} {what}. Truncated or mixed up? Prepare the data again.");
}
