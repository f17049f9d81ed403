using System.Buffers.Binary;

namespace Altiplano.Data.TokenFiles;

/// <summary>Writes a Megatron .idx with one sequence a document, in constant memory.</summary>
internal static class TokenFileIndexWriter
{
    private const int ChunkDocuments = 1 << 16;

    /// <param name="lengths">Tokens of each document, int32 little-endian, from the stream's position on; read twice.</param>
    public static void Write(Stream idx, TokenDtype dtype, long numDocuments, Stream lengths)
    {
        Span<byte> header = stackalloc byte[TokenFileIndex.HeaderBytes];
        TokenFileIndex.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt64LittleEndian(header[9..], TokenFileIndex.Version);
        header[17] = (byte)dtype;
        BinaryPrimitives.WriteInt64LittleEndian(header[18..], numDocuments);
        BinaryPrimitives.WriteInt64LittleEndian(header[26..], numDocuments + 1);
        idx.Write(header);

        var start = lengths.Position;
        lengths.CopyTo(idx);
        lengths.Position = start;
        WritePointers(idx, dtype, numDocuments, lengths);
        WriteInt64s(idx, numDocuments + 1, index => index);
    }

    private static void WritePointers(Stream idx, TokenDtype dtype, long numDocuments, Stream lengths)
    {
        var bytes = new byte[ChunkDocuments * sizeof(int)];
        var (offset, inChunk, length) = (0L, 0, 0);
        WriteInt64s(idx, numDocuments, _ =>
        {
            if (inChunk == length)
                (inChunk, length) = (0, lengths.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            var pointer = offset;
            offset += (long)BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(inChunk)) * dtype.NumBytes();
            inChunk += sizeof(int);
            return pointer;
        });
    }

    private static void WriteInt64s(Stream stream, long count, Func<long, long> valueOf)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        for (var i = 0L; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes, valueOf(i));
            stream.Write(bytes);
        }
    }
}
