using System.Runtime.InteropServices;

namespace Altiplano.Distributed.Native;

/// <summary>Where a native library may be.</summary>
/// <param name="Name">What the native methods call it.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Variable">Names a file, and then no other is tried.</param>
/// <param name="Files">Tried in order.</param>
/// <param name="Remedy">How to get it.</param>
internal sealed record LibrarySearch(string Name, string Title, string Variable, string[] Files, string Remedy)
{
    /// <exception cref="CommunicationLibraryException">None can be loaded.</exception>
    public nint Load()
    {
        var stated = Environment.GetEnvironmentVariable(Variable);
        var files = string.IsNullOrEmpty(stated) ? Files : [stated];
        foreach (var file in files)
        {
            if (NativeLibrary.TryLoad(file, out var handle))
                return handle;
        }

        var origin = string.IsNullOrEmpty(stated) ? "" : $" (from {Variable})";
        throw new CommunicationLibraryException(
            $"No library of {Title} could be loaded; tried {string.Join(", ", files)}{origin}. " +
            $"{Remedy}, or set {Variable} to its file.");
    }
}
