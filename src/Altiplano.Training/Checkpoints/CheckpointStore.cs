namespace Altiplano.Training.Checkpoints;

/// <summary>
/// The checkpoints of one run: <c>step-00001000/</c> and so on, and <c>latest</c>, which names the newest complete one.
/// </summary>
/// <remarks>
/// A checkpoint is written aside and renamed when all of it is on the disk, so a process killed at any instant leaves every
/// complete one as it was. One run writes to a store, all its ranks together; any number of processes read.
/// </remarks>
public sealed class CheckpointStore(string folder, CheckpointPolicy? policy = null)
{
    public const string LatestFile = "latest";

    /// <summary>End of the name of a checkpoint whose bytes have changed since it was written; readers pass over it.</summary>
    private const string DamagedSuffix = ".damaged";

    /// <summary>Bytes taken at a time by a synchronous save.</summary>
    private const int PieceBytes = 4 << 20;

    private readonly CheckpointPolicy _policy = policy ?? new CheckpointPolicy();

    public string Folder { get; } = folder;

    /// <summary>Writes a checkpoint, makes it the latest, then removes those that the policy does not keep.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="CheckpointException">
    /// It cannot be written, for example on a full disk; nothing that existed is lost.
    /// </exception>
    public string Save(CheckpointContent content)
    {
        using var partial = new PartialCheckpoint(this, content, CheckpointTeam.Alone);
        var piece = GC.AllocateUninitializedArray<byte>(PieceBytes);
        foreach (var file in partial.Files)
        {
            for (var count = file.Take(piece); count > 0; count = file.Take(piece))
                partial.Write(file, piece.AsSpan(0, count));
        }

        partial.Complete();
        return partial.Publish();
    }

    /// <summary>Every checkpoint, newest first, complete or not.</summary>
    public IReadOnlyList<CheckpointEntry> List()
    {
        if (!Directory.Exists(Folder))
            return [];
        var entries = Directory.EnumerateDirectories(Folder).Select(CheckpointEntry.TryRead).OfType<CheckpointEntry>();
        // A folder set aside by a save of the same step counts only while nothing complete has taken its place.
        return
        [
            .. entries.GroupBy(e => e.Step).OrderByDescending(same => same.Key)
                .Select(same => same.OrderBy(e => e.Problem is not null).ThenBy(e => e.Path.Length).First()),
        ];
    }

    /// <summary>The newest complete checkpoint; null when there are none at all.</summary>
    /// <exception cref="CheckpointException">There are checkpoints and not one is complete.</exception>
    public LatestCheckpoint? FindLatest()
    {
        var entries = List();
        if (entries.Count == 0)
            return null;
        var newest = entries.FirstOrDefault(e => e.Problem is null) ?? throw new CheckpointException(
            $"{Folder}: none of its {entries.Count} checkpoints is complete. " +
            $"{string.Join(" ", entries.Select(e => e.Problem))} Remove them to start from step 0.");
        return new LatestCheckpoint(newest.Step, newest.Path, Warn(entries, newest));
    }

    /// <summary>
    /// The newest complete checkpoint whose every byte is as it was written, for a trainer to go on from; null when there are
    /// none at all.
    /// </summary>
    /// <remarks>
    /// Newer ones whose bytes have changed are renamed to <c>step-N.damaged</c>: they are not lost, and no longer count among
    /// those that the policy keeps.
    /// </remarks>
    /// <param name="team">Ranks that call this together and share the reading; null for a process alone.</param>
    /// <exception cref="CheckpointException">There are checkpoints and not one is complete and sound.</exception>
    public LatestCheckpoint? FindSound(CheckpointTeam? team = null)
    {
        team ??= CheckpointTeam.Alone;
        var damaged = new List<string>();
        var problems = new List<string>();
        foreach (var entry in ListTogether(team))
        {
            var found = CheckpointVerification.Run(entry.Path, team.Rank, team.Ranks);
            var isDamaged = team.Largest(found.Count) > 0;
            if (isDamaged)
            {
                damaged.Add(entry.Path);
                problems.AddRange(found.Count > 0 ? found : [$"{entry.Path}: another rank found it damaged."]);
                continue;
            }

            if (team.IsFirst)
                damaged.ForEach(SetAside);
            team.Meet();
            var warning = team.IsFirst ? FindLatest()!.Warning : null;
            return new LatestCheckpoint(entry.Step, entry.Path, damaged.Count == 0 ? warning : string.Join(" ", [.. problems, warning]).Trim());
        }

        return damaged.Count == 0 ? FindLatest() : throw new CheckpointException(
            $"{Folder}: none of its checkpoints is sound. {string.Join(" ", problems)} Remove them to start from step 0.");
    }

    /// <summary>Reads every byte of a checkpoint and compares it with its manifest.</summary>
    /// <returns>All problems; none when it is sound.</returns>
    public static IReadOnlyList<string> Verify(string path) => CheckpointVerification.Run(path);

    /// <inheritdoc cref="Checkpoint.Open"/>
    public static Checkpoint Open(string path) => Checkpoint.Open(path);

    internal string PathOf(long step) => Path.Combine(Folder, CheckpointEntry.NameOf(step));

    /// <summary>Points <c>latest</c> at a published checkpoint and applies the policy.</summary>
    internal void Adopt(string published)
    {
        Durable.WriteText(Path.Combine(Folder, LatestFile), Path.GetFileName(published) + "\n");
        foreach (var entry in _policy.Superseded([.. List().Where(e => e.Problem is null)]))
            Remove(entry.Path);
    }

    /// <summary>Deletes what killed writers left, and brings back a checkpoint whose replacement never came.</summary>
    /// <param name="but">A folder that is being written now; null for none.</param>
    internal void RemoveLeftovers(string? but = null)
    {
        foreach (var path in Directory.GetFileSystemEntries(Folder, $"*{PartialCheckpoint.Mark}*").Where(path => path != but))
            Delete(path);
        foreach (var path in Directory.GetDirectories(Folder, $"*{CheckpointEntry.ReplacedSuffix}"))
        {
            var original = path[..^CheckpointEntry.ReplacedSuffix.Length];
            if (Directory.Exists(original))
                Remove(path);
            else
                Directory.Move(path, original);
        }
    }

    /// <summary>The complete checkpoints that the first rank sees, newest first, on every rank.</summary>
    private IEnumerable<CheckpointEntry> ListTogether(CheckpointTeam team)
    {
        var entries = List().Where(entry => entry.Problem is null).ToList();
        for (var i = 0; ; i++)
        {
            var step = team.Largest(team.IsFirst && i < entries.Count ? entries[i].Step : -1);
            if (step < 0)
                yield break;
            yield return entries.Find(entry => entry.Step == step) ?? throw new CheckpointException(
                $"{Folder}: rank 0 sees a complete checkpoint of step {step}, rank {team.Rank} on {Environment.MachineName} does not. " +
                "Give run.out a folder that is the same on every host.");
        }
    }

    private static void SetAside(string path)
    {
        var aside = path + DamagedSuffix;
        for (var number = 2; Directory.Exists(aside); number++)
            aside = $"{path}{DamagedSuffix}-{number}";
        Directory.Move(path, aside);
    }

    /// <summary>Deletes a checkpoint in such an order that no half of it can be taken for a whole.</summary>
    private static void Remove(string path)
    {
        var aside = path + PartialCheckpoint.Mark + "removed";
        Directory.Move(path, aside);
        Delete(aside);
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    private string? Warn(IReadOnlyList<CheckpointEntry> entries, CheckpointEntry chosen)
    {
        var remarks = entries.TakeWhile(e => e != chosen).Select(e => e.Problem!).ToList();
        var latest = Path.Combine(Folder, LatestFile);
        var named = File.Exists(latest) ? File.ReadAllText(latest).Trim() : "";
        if (named != CheckpointEntry.NameOf(chosen.Step))
            remarks.Add($"{latest} names {(named.Length == 0 ? "nothing" : named)}.");
        return remarks.Count == 0 ? null : $"{string.Join(" ", remarks)} Using {chosen.Path}, the newest complete checkpoint.";
    }
}
