using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Altiplano.Data;

/// <summary>A number drawn from a name, the same on every machine and in every version: decides what is held out.</summary>
internal static class StableHash
{
    /// <param name="key">Says what the draw is for, so that two draws from one name are independent.</param>
    /// <returns>First 8 bytes of the SHA-256 of "key\0name", uniform over all values.</returns>
    public static ulong Of(string key, string name)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{key}\0{name}"), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    /// <summary>True for about <paramref name="share"/> (0 to 1) of all names.</summary>
    public static bool IsChosen(string key, string name, double share) => (Of(key, name) >> 11) / (double)(1L << 53) < share;
}
