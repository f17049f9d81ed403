using System.Runtime.InteropServices;
using System.Text;

namespace Altiplano.Torch.Native;

/// <summary>Reads the text of libtorch's failures, which the C ABI of 2.10 only prints to <c>std::cerr</c>.</summary>
/// <remarks>
/// <c>std::cerr</c>'s stream buffer is replaced by a file buffer on a memory file; file descriptor 2 is not touched, so
/// aborts and managed errors stay visible. All of it is exported by libstdc++; where anything is missing the text is empty.
/// </remarks>
internal static unsafe class ErrorText
{
    private const string Library = "libstdc++.so.6";
    private const int OutAppend = 16 | 1;
    private const int FileBufferBytes = 1024; // std::filebuf is 240 bytes in every libstdc++ 6

    private static readonly Lock Gate = new();
    private static int s_file = -1;
    private static long s_position;

    public static void Install()
    {
        lock (Gate)
        {
            if (s_file >= 0)
                return;
            int file;
            fixed (byte* name = "libtorch-errors"u8)
                file = NativeMethods.memfd_create(name, 1);
            if (file < 0 || !NativeLibrary.TryLoad(Library, out var library) || !NativeLibrary.TryGetExport(library, "_ZSt4cerr", out var cerr))
                return;
            var buffer = NativeMemory.AllocZeroed(FileBufferBytes);
            Construct(buffer);
            fixed (byte* path = Encoding.UTF8.GetBytes($"/proc/self/fd/{file}\0"))
            {
                if (Open(buffer, path, OutAppend) == null)
                    return;
            }

            // The virtual base std::ios sits at an offset that the vtable holds in its third word before the first entry.
            var offset = (*(long**)cerr)[-3];
            SetBuffer((byte*)cerr + offset, buffer);
            s_file = file;
        }
    }

    /// <summary>What the last failed call printed, without its stack frames; empty when nothing could be captured.</summary>
    public static string Take()
    {
        const string Marker = "Exception in aoti_torch: ";
        lock (Gate)
        {
            var text = ReadNew();
            var start = text.LastIndexOf(Marker, StringComparison.Ordinal);
            if (start < 0)
                return text.Trim();
            var message = text[(start + Marker.Length)..];
            var end = message.IndexOf("\nException raised from", StringComparison.Ordinal);
            return (end < 0 ? message : message[..end]).Trim();
        }
    }

    private static string ReadNew()
    {
        if (s_file < 0)
            return "";
        var end = NativeMethods.lseek(s_file, 0, 2);
        var bytes = new byte[Math.Max(0, end - s_position)];
        fixed (byte* target = bytes)
            _ = NativeMethods.pread(s_file, target, bytes.Length, s_position);
        s_position = end;
        return Encoding.UTF8.GetString(bytes);
    }

    [DllImport(Library, EntryPoint = "_ZNSt13basic_filebufIcSt11char_traitsIcEEC1Ev")]
    private static extern void Construct(void* self);

    [DllImport(Library, EntryPoint = "_ZNSt13basic_filebufIcSt11char_traitsIcEE4openEPKcSt13_Ios_Openmode")]
    private static extern void* Open(void* self, byte* path, int mode);

    [DllImport(Library, EntryPoint = "_ZNSt9basic_iosIcSt11char_traitsIcEE5rdbufEPSt15basic_streambufIcS1_E")]
    private static extern void* SetBuffer(void* ios, void* buffer);
}
