using Altiplano.Planning;
using Altiplano.Training.Checkpoints;

namespace Altiplano.Training.Interchange;

/// <summary>
/// A file or folder written under another name and renamed when it is complete; gone when disposed before that.
/// </summary>
internal sealed class ExportTarget : IDisposable
{
    private readonly string _path;

    private ExportTarget(string path)
    {
        _path = path;
        Aside = $"{path}{PartialCheckpoint.Mark}export";
        Replaced = $"{path}{CheckpointEntry.ReplacedSuffix}";
        Directory.CreateDirectory(Parent);
        RemoveLeftovers();
    }

    /// <summary>Where to write.</summary>
    public string Aside { get; }

    /// <summary>Where a folder waits that a new one replaces.</summary>
    private string Replaced { get; }

    /// <summary>The folder that holds the target.</summary>
    public string Parent => Path.GetDirectoryName(_path)!;

    /// <exception cref="ConfigException">A file is there and may not be replaced, or a folder is.</exception>
    public static ExportTarget ForFile(string path, bool overwrite)
    {
        if (Directory.Exists(path))
            throw new ConfigException($"{path}: is a folder, but a file is written here.");
        if (File.Exists(path) && !overwrite)
            throw new ConfigException($"{path}: exists. Choose another path, or replace it with --overwrite.");
        return new ExportTarget(Path.GetFullPath(path));
    }

    /// <exception cref="ConfigException">Something is there that may not be replaced, or that is no model.</exception>
    public static ExportTarget ForFolder(string path, bool overwrite)
    {
        if (File.Exists(path))
            throw new ConfigException($"{path}: is a file, but a folder is written here.");
        var target = new ExportTarget(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        if (!Directory.Exists(path) || !Directory.EnumerateFileSystemEntries(path).Any())
            return target;
        if (!overwrite)
            throw new ConfigException($"{path}: exists and is not empty. Choose another path, or replace it with --overwrite.");
        if (!File.Exists(Path.Combine(path, HuggingFaceConfig.FileName)))
        {
            throw new ConfigException(
                $"{path}: holds no {HuggingFaceConfig.FileName}, so it is no export that may be overwritten.");
        }

        return target;
    }

    /// <summary>Gives the file its name.</summary>
    public void PublishFile()
    {
        File.Move(Aside, _path, overwrite: true);
        Durable.SyncFolder(Parent);
    }

    /// <summary>Gives the folder its name; what had it is deleted afterwards.</summary>
    public void PublishFolder()
    {
        if (Directory.Exists(_path))
            Directory.Move(_path, Replaced);
        Durable.PublishFolder(Aside, _path);
        Delete(Replaced);
    }

    public void Dispose() => Delete(Aside);

    /// <summary>Deletes what a killed export left, and brings back a folder whose replacement never came.</summary>
    private void RemoveLeftovers()
    {
        Delete(Aside);
        if (Directory.Exists(Replaced) && !Directory.Exists(_path))
            Directory.Move(Replaced, _path);
        Delete(Replaced);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }
}
