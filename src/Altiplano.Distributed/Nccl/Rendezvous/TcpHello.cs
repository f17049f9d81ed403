using System.Buffers.Binary;

namespace Altiplano.Distributed.Nccl.Rendezvous;

/// <summary>What a rank says first: which program it is, how large it takes the world to be, and who it is.</summary>
internal readonly record struct TcpHello(int WorldSize, int Rank)
{
    public const int Size = 16;

    private static ReadOnlySpan<byte> Mark => "ALTIPLN1"u8;

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        Mark.CopyTo(bytes);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), WorldSize);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), Rank);
        return bytes;
    }

    /// <summary>Null where another program speaks.</summary>
    public static TcpHello? Parse(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Mark)
        ? new TcpHello(BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]))
        : null;
}
