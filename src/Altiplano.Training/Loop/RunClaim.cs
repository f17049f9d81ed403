using Altiplano.Planning;

namespace Altiplano.Training.Loop;

/// <summary>
/// Keeps a second trainer out of a run folder while this one works in it; the system lifts it when the process ends.
/// </summary>
public static class RunClaim
{
    /// <summary>Linux's EAGAIN: another process holds the file.</summary>
    private const int IsHeld = 11;

    /// <exception cref="ConfigException">Another process trains in the folder.</exception>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public static IDisposable Take(RunFolder folder)
    {
        var path = Path.Combine(folder.Root, ".lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (error.HResult == IsHeld)
        {
            throw new ConfigException(
                $"run.out is {folder.Root}, where another process trains now. Wait for it, or give this run another folder.");
        }
    }
}
