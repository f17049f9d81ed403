using System.IO.Hashing;

namespace Altiplano.Training.Loop.Ranks;

/// <summary>The files that this program is made of, as a fingerprint: two hosts with another one run other code.</summary>
public static class ProgramFiles
{
    public static string Fingerprint()
    {
        var hash = new XxHash128();
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory).Where(IsOurs).Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            hash.Append(stream);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static bool IsOurs(string path)
    {
        var name = Path.GetFileName(path);
        return name is "altiplano" or "altiplano.dll"
            || (name.StartsWith("Altiplano.", StringComparison.Ordinal) && name.EndsWith(".dll", StringComparison.Ordinal));
    }
}
