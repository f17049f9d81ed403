using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace Altiplano.Training.Checkpoints;

/// <summary>Changes of a folder that survive a power cut: written aside, forced to the disk, then renamed.</summary>
internal static partial class Durable
{
    /// <summary>Replaces a small text file in one step; a reader sees the old text or the new one.</summary>
    public static void WriteText(string path, string text)
    {
        var aside = $"{path}.partial-{Environment.ProcessId}";
        File.Delete(aside);
        var bytes = Encoding.UTF8.GetBytes(text);
        using (var file = new OutputFile(aside, bytes.Length))
        {
            file.Write(bytes);
            file.Complete();
        }

        File.Move(aside, path, overwrite: true);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Renames a complete folder to its final name, which must be free.</summary>
    public static void PublishFolder(string aside, string target)
    {
        SyncFolder(aside);
        Directory.Move(aside, target);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(target))!);
    }

    /// <summary>Forces a folder's entries (names, renames) to the disk.</summary>
    public static void SyncFolder(string path)
    {
        var descriptor = Open(path, 0);
        if (descriptor < 0)
            throw new IOException($"{path}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");
        var result = Fsync(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (result != 0)
            throw new IOException($"{path}: cannot be forced to the disk: {new Win32Exception(error).Message}");
    }

    // .NET opens no folders, so their fsync has no managed form.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
