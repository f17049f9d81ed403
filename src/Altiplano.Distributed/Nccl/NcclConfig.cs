using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>ncclConfig_t as of 2.30.7. A library reads as much of it as it knows, by size and version.</summary>
[StructLayout(LayoutKind.Explicit, Size = Bytes)]
internal struct NcclConfig
{
    /// <summary>The version whose fields these are.</summary>
    private const uint NewestVersion = 23007;
    private const int Bytes = 96;
    private const int FirstField = 16;
    private const uint MagicNumber = 0xcafebeef;

    [FieldOffset(0)] public nuint Size;
    [FieldOffset(8)] public uint Magic;
    [FieldOffset(12)] public uint Version;
    [FieldOffset(16)] public int Blocking;
    [FieldOffset(32)] public nint NetName;
    [FieldOffset(48)] public nint CommName;

    /// <summary>All fields undefined, but for calls that return at once, so that a deadline can be kept.</summary>
    public static NcclConfig Create(int libraryVersion)
    {
        var config = new NcclConfig();
        MemoryMarshal.Cast<NcclConfig, int>(new Span<NcclConfig>(ref config))[(FirstField / sizeof(int))..].Fill(int.MinValue);
        (config.NetName, config.CommName) = (0, 0);
        (config.Size, config.Magic, config.Blocking) = (Bytes, MagicNumber, 0);
        config.Version = Math.Min((uint)libraryVersion, NewestVersion);
        return config;
    }
}
