using System.Globalization;

namespace Altiplano.Training.Checkpoints;

/// <summary>A checkpoint being written beside the others; it vanishes when disposed before <see cref="Publish"/>.</summary>
internal sealed class PartialCheckpoint : IDisposable
{
    /// <summary>Part of the name of every folder and file that is not complete; readers pass over them.</summary>
    public const string Mark = ".partial-";

    private readonly CheckpointStore _store;
    private readonly CheckpointContent _content;
    private readonly string _folder;
    private readonly List<FileRecord> _written = [];
    private OutputFile? _output;
    private bool _isPublished;

    /// <exception cref="CheckpointException">The folder cannot be made.</exception>
    public PartialCheckpoint(CheckpointStore store, CheckpointContent content)
    {
        _store = store;
        _content = content;
        Files = CheckpointFile.Of(content);
        _folder = store.PathOf(content.Step) + Mark + Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        Guard(() =>
        {
            Directory.CreateDirectory(store.Folder);
            store.RemoveLeftovers();
            Directory.CreateDirectory(_folder);
        });
    }

    /// <summary>The files in the order in which they must be written.</summary>
    public IReadOnlyList<CheckpointFile> Files { get; }

    /// <summary>Appends to a file; a file ends where the next begins.</summary>
    /// <exception cref="CheckpointException">The disk is full or fails.</exception>
    public void Write(CheckpointFile file, ReadOnlySpan<byte> bytes)
    {
        try
        {
            if (_output is null || Path.GetFileName(_output.FullPath) != file.Name)
            {
                CompleteFile();
                _output = new OutputFile(Path.Combine(_folder, file.Name), file.Length);
            }

            _output.Write(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Describe(e);
        }
    }

    /// <summary>Writes the manifest, renames the folder to its final name and makes it the latest.</summary>
    /// <returns>The checkpoint's path.</returns>
    /// <exception cref="CheckpointException">The disk is full or fails.</exception>
    public string Publish()
    {
        var target = _store.PathOf(_content.Step);
        Guard(() =>
        {
            CompleteFile();
            WriteManifest();
            if (Directory.Exists(target))
                Directory.Move(target, target + CheckpointEntry.ReplacedSuffix);
            Durable.PublishFolder(_folder, target);
            _isPublished = true;
            _store.RemoveLeftovers();
            _store.Adopt(target);
        });
        return target;
    }

    public void Dispose()
    {
        _output?.Dispose();
        if (!_isPublished && Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    private void CompleteFile()
    {
        if (_output is null)
            return;
        _written.Add(_output.Complete());
        _output.Dispose();
        _output = null;
    }

    private void WriteManifest()
    {
        var json = new CheckpointManifest
        {
            Version = CheckpointManifest.CurrentVersion,
            Step = _content.Step,
            TokensSeen = _content.TokensSeen,
            Threads = _content.Threads,
            Ranks = 1,
            Architecture = _content.Architecture,
            Config = _content.Config,
            Counters = new SortedDictionary<string, long>(_content.Counters.ToDictionary(), StringComparer.Ordinal),
            Tensors = [.. Files.SelectMany(file => file.Records())],
            Files = _written,
        }.ToJson();
        using var file = new OutputFile(Path.Combine(_folder, CheckpointManifest.FileName), json.Length);
        file.Write(json);
        file.Complete();
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Describe(e);
        }
    }

    private CheckpointException Describe(Exception cause)
    {
        var needed = Files.Sum(file => file.Length);
        return new CheckpointException(
            $"{_store.PathOf(_content.Step)}: the checkpoint of {needed:N0} bytes cannot be written ({FreeText()}): " +
            $"{cause.Message} Earlier checkpoints are as they were. Free some space, or set run.keep_checkpoints lower.", cause);
    }

    private string FreeText()
    {
        try
        {
            return $"{new DriveInfo(Path.GetFullPath(_store.Folder)).AvailableFreeSpace:N0} bytes are free";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return "free space unknown";
        }
    }
}
