using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Altiplano.Data.TokenFiles;

/// <summary>Writes a .bin and its .idx aside, and gives them their names when they are complete.</summary>
/// <remarks>Until <see cref="Publish"/> nothing under the final names is touched.</remarks>
internal sealed class TokenFileWriter : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly TokenFilePaths _paths;
    private readonly TokenDtype _dtype;
    private readonly FileStream _bin;
    private readonly FileStream _lengths;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private TokenFileWriter(TokenFilePaths paths, TokenDtype dtype, FileStream bin, FileStream lengths, TokenFileState state) =>
        (_paths, _dtype, _bin, _lengths, State) = (paths, dtype, bin, lengths, state);

    /// <summary>All that is appended so far.</summary>
    public TokenFileState State { get; private set; }

    /// <param name="state">
    /// Where an earlier writer of the same files was after its last <see cref="Flush"/>; what it wrote since is dropped.
    /// </param>
    public static TokenFileWriter Open(TokenFilePaths paths, TokenDtype dtype, TokenFileState state)
    {
        var bin = OpenPartial(paths.PartialBin, state.NumTokens * dtype.NumBytes());
        try
        {
            var lengths = OpenPartial(paths.PartialLengths, state.NumDocuments * sizeof(int));
            var writer = new TokenFileWriter(paths, dtype, bin, lengths, state);
            writer.HashWhatIsThere();
            return writer;
        }
        catch
        {
            bin.Dispose();
            throw;
        }
    }

    /// <summary>True when the partial files hold at least what a state says.</summary>
    public static bool CanResume(TokenFilePaths paths, TokenDtype dtype, TokenFileState state) =>
        HasBytes(paths.PartialBin, state.NumTokens * dtype.NumBytes())
        && HasBytes(paths.PartialLengths, state.NumDocuments * sizeof(int));

    public void Append(TokenBatch batch)
    {
        _bin.Write(batch.Bytes);
        _hash.AppendData(batch.Bytes);
        var (numDocuments, openTokens) = AppendLengths(batch);
        var isLarger = batch.MaxToken > State.MaxToken;
        State = new TokenFileState(
            State.NumTokens + batch.NumTokens, numDocuments, openTokens, State.TextBytes + batch.TextBytes,
            isLarger ? batch.MaxToken : State.MaxToken, isLarger ? State.NumTokens + batch.MaxPosition : State.MaxPosition);
    }

    /// <summary>Forces all that is appended to the disk.</summary>
    public void Flush()
    {
        _bin.Flush(flushToDisk: true);
        _lengths.Flush(flushToDisk: true);
    }

    /// <summary>SHA-256 of the .bin so far, lower-case hexadecimal.</summary>
    public string BinSha256() => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Writes the .idx and the metadata aside; after it <see cref="Publish"/> has but to rename.</summary>
    public void Complete(TokenFileMetadata metadata)
    {
        Flush();
        _lengths.Position = 0;
        using (var idx = CreatePartial(_paths.PartialIdx))
        {
            TokenFileIndexWriter.Write(idx, _dtype, State.NumDocuments, _lengths);
            idx.Flush(flushToDisk: true);
        }

        using var meta = CreatePartial(_paths.PartialMeta);
        meta.Write(metadata.ToJson());
        meta.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Gives complete files their names. May be repeated after it was interrupted: what is renamed already stays.
    /// </summary>
    /// <remarks>The old metadata go first and the new come last, so files of two preparations are never taken for one.</remarks>
    public static void Publish(TokenFilePaths paths)
    {
        if (File.Exists(paths.PartialBin))
            File.Delete(paths.Meta);
        Rename(paths.PartialBin, paths.Bin);
        Rename(paths.PartialIdx, paths.Idx);
        Rename(paths.PartialMeta, paths.Meta);
        File.Delete(paths.PartialLengths);
    }

    /// <summary>Removes the partial files of a file that nobody asked for.</summary>
    public static void Discard(TokenFilePaths paths)
    {
        File.Delete(paths.PartialBin);
        File.Delete(paths.PartialLengths);
    }

    public void Dispose()
    {
        _hash.Dispose();
        _lengths.Dispose();
        _bin.Dispose();
    }

    private (long NumDocuments, long OpenTokens) AppendLengths(TokenBatch batch)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        var (numDocuments, openTokens) = (State.NumDocuments, State.OpenTokens);
        foreach (var (numTokens, endsDocument) in batch.Pieces)
        {
            openTokens += numTokens;
            if (openTokens > int.MaxValue)
                throw new DataFormatException(
                    $"Document {numDocuments:N0} has more than {int.MaxValue:N0} tokens, the most that a Megatron .idx can " +
                    "say. Split its file.");
            if (!endsDocument)
                continue;
            BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)openTokens);
            _lengths.Write(bytes);
            (numDocuments, openTokens) = (numDocuments + 1, 0);
        }

        return (numDocuments, openTokens);
    }

    private void HashWhatIsThere()
    {
        var buffer = new byte[BufferBytes];
        for (var left = State.NumTokens * _dtype.NumBytes(); left > 0;)
        {
            var read = (int)Math.Min(left, buffer.Length);
            _bin.ReadExactly(buffer, 0, read);
            _hash.AppendData(buffer, 0, read);
            left -= read;
        }

        _lengths.Seek(0, SeekOrigin.End);
    }

    private static FileStream OpenPartial(string path, long numBytes)
    {
        if (numBytes == 0)
            return CreatePartial(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, BufferBytes);
        stream.SetLength(numBytes);
        return stream;
    }

    private static FileStream CreatePartial(string path) =>
        new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferBytes);

    private static bool HasBytes(string path, long numBytes) => File.Exists(path) && new FileInfo(path).Length >= numBytes;

    private static void Rename(string from, string to)
    {
        if (File.Exists(from))
            File.Move(from, to, overwrite: true);
    }
}
