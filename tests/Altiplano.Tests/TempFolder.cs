namespace Altiplano.Tests;

/// <summary>A folder of its own for one test, deleted with all it holds when disposed.</summary>
public sealed class TempFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("altiplano-test-");

    public string Root => _folder.FullName;

    public string this[string relativePath] => Path.Combine(Root, relativePath);

    /// <summary>Writes a text file, with its parent folders, and returns its path.</summary>
    public string Write(string relativePath, string content)
    {
        var path = this[relativePath];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
