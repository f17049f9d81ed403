using System.Text.Json;

namespace Altiplano.Training.Checkpoints;

/// <summary>A checkpoint being written beside the others, by one rank or several; it vanishes when disposed before <see cref="Publish"/>.</summary>
internal sealed class PartialCheckpoint : IDisposable
{
    /// <summary>Part of the name of every folder and file that is not complete; readers pass over them.</summary>
    public const string Mark = ".partial-";

    private readonly CheckpointStore _store;
    private readonly CheckpointContent _content;
    private readonly CheckpointTeam _team;
    private readonly string _folder;
    private readonly List<FileRecord> _written = [];
    private OutputFile? _output;
    private bool _isPublished;

    /// <exception cref="CheckpointException">The folder cannot be made.</exception>
    public PartialCheckpoint(CheckpointStore store, CheckpointContent content, CheckpointTeam team)
    {
        (_store, _content, _team) = (store, content, team);
        Files = CheckpointFile.Of(content, team);
        _folder = store.PathOf(content.Step) + Mark + team.Token;
        Guard(() =>
        {
            Directory.CreateDirectory(store.Folder);
            // Another rank may have been here before the first one, and wait for nobody.
            if (team.IsFirst)
                store.RemoveLeftovers(but: _folder);
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

    /// <summary>Forces this rank's files to the disk, and tells the first rank of them.</summary>
    /// <exception cref="CheckpointException">The disk is full or fails.</exception>
    public void Complete() => Guard(() =>
    {
        CompleteFile();
        if (!_team.IsFirst)
            WriteFile(PartName(_team.Rank), JsonSerializer.SerializeToUtf8Bytes(Own, CheckpointJson.Default.CheckpointPart));
    });

    /// <summary>Writes the manifest, renames the folder to its final name and makes it the latest: the first rank, when all are complete.</summary>
    /// <returns>The checkpoint's path.</returns>
    /// <exception cref="CheckpointException">The disk is full or fails.</exception>
    public string Publish()
    {
        var target = _store.PathOf(_content.Step);
        Guard(() =>
        {
            WriteFile(CheckpointManifest.FileName, ToManifest().ToJson());
            for (var rank = 1; rank < _team.Ranks; rank++)
                File.Delete(Path.Combine(_folder, PartName(rank)));
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
        if (_team.IsFirst && !_isPublished && Directory.Exists(_folder))
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

    private CheckpointPart Own => new([.. Files.SelectMany(file => file.Records())], _written);

    private static string PartName(int rank) => $"rank{rank:D5}.json";

    private CheckpointManifest ToManifest()
    {
        var parts = Enumerable.Range(1, _team.Ranks - 1).Select(ReadPart).Prepend(Own).ToList();
        return new CheckpointManifest
        {
            Version = CheckpointManifest.CurrentVersion,
            Step = _content.Step,
            TokensSeen = _content.TokensSeen,
            Threads = _content.Threads,
            Ranks = _team.Ranks,
            Architecture = _content.Architecture,
            Config = _content.Config,
            Counters = new SortedDictionary<string, long>(_content.Counters.ToDictionary(), StringComparer.Ordinal),
            Tensors =
            [
                .. parts.SelectMany(part => part.Tensors).GroupBy(tensor => tensor.Name)
                    .Select(same => same.First() with { Slices = [.. same.SelectMany(tensor => tensor.Slices)] }),
            ],
            Files = [.. parts.SelectMany(part => part.Files)],
        };
    }

    private CheckpointPart ReadPart(int rank) => JsonSerializer.Deserialize(
        File.ReadAllBytes(Path.Combine(_folder, PartName(rank))), CheckpointJson.Default.CheckpointPart)!;

    private void WriteFile(string name, byte[] bytes)
    {
        using var file = new OutputFile(Path.Combine(_folder, name), bytes.Length);
        file.Write(bytes);
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
            $"{_store.PathOf(_content.Step)}: the checkpoint of {needed:N0} bytes{OfRank} cannot be written ({FreeText()}): " +
            $"{cause.Message} Earlier checkpoints are as they were. Free some space, or set run.keep_checkpoints lower.", cause);
    }

    private string OfRank => _team.Ranks == 1 ? "" : $" of rank {_team.Rank}";

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
