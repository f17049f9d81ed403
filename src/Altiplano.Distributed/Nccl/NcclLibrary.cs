using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Nccl;

/// <summary>NCCL's numbers, and its results as exceptions.</summary>
internal static unsafe class NcclLibrary
{
    public const int InProgress = 7;

    /// <summary>2.18 brought ncclCommSplit.</summary>
    private const int OldestVersion = 21800;

    /// <summary>The loaded library's version, as 23007 for 2.30.7.</summary>
    /// <exception cref="CommunicationLibraryException">It is missing, or older than 2.18.</exception>
    public static int Version()
    {
        int version;
        Check(NcclNative.ncclGetVersion(&version), 0);
        return Require(version);
    }

    /// <exception cref="CommunicationLibraryException">The version is older than 2.18.</exception>
    public static int Require(int version) => version >= OldestVersion
        ? version
        : throw new CommunicationLibraryException($"NCCL is version {Tell(version)}, but {Tell(OldestVersion)} or later is needed.");

    /// <exception cref="CollectiveException">The result is neither success nor in progress.</exception>
    public static void Check(int result, nint comm)
    {
        if (result is 0 or InProgress)
            return;
        var detail = Marshal.PtrToStringUTF8((nint)NcclNative.ncclGetLastError(comm));
        var text = Marshal.PtrToStringUTF8((nint)NcclNative.ncclGetErrorString(result));
        throw new CollectiveException($"NCCL reports error {result}: {text}{(string.IsNullOrEmpty(detail) ? "" : $" ({detail})")}");
    }

    public static int TypeOf(ElementType type) => type switch
    {
        ElementType.Byte => 1,
        ElementType.Int32 => 2,
        ElementType.Int64 => 4,
        ElementType.Float32 => 7,
        ElementType.Float64 => 8,
        ElementType.BFloat16 => 9,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "This is no element type."),
    };

    public static int OpOf(ReduceOp op) => op == ReduceOp.Sum ? 0 : 2;

    private static string Tell(int version) => $"{version / 10000}.{version / 100 % 100}.{version % 100}";
}
