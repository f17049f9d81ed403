using System.Globalization;
using System.Text;
using Altiplano.Planning;
using Altiplano.Training.Loop.Metrics;

namespace Altiplano.Training.Loop.Ranks;

/// <summary><c>ranks/</c> of a run folder: what each rank is, and who speaks when the run breaks off.</summary>
/// <param name="start">A number that is the same on all ranks, and no other start's.</param>
public sealed class RankFolder(RunFolder run, long start)
{
    /// <summary>Names this start.</summary>
    public string Token { get; } = start.ToString("x16", CultureInfo.InvariantCulture);

    private string TokenFile => Path.Combine(run.Ranks, "token");

    private string AbortedFile => Path.Combine(run.Ranks, "aborted");

    /// <summary>Makes the folder on the first rank, and makes sure that all ranks see it.</summary>
    /// <exception cref="RunStoppedException">A rank sees another folder.</exception>
    public void Share(RunWorld world)
    {
        if (world.Size == 1)
            return;
        world.Together(() =>
        {
            if (world.IsFirst)
                Begin();
        });
        world.Together(() =>
        {
            if (!File.Exists(TokenFile) || File.ReadAllText(TokenFile) != Token)
            {
                throw new ConfigException(
                    $"run.out is {run.Root}, but what rank 0 wrote there is not seen by rank {world.Rank} on {Environment.MachineName}. " +
                    "Give a folder on a file system that every host mounts.");
            }
        });
    }

    /// <summary>Saves what this rank is.</summary>
    public void Save(RankStart start) =>
        File.WriteAllText(Path.Combine(run.Ranks, string.Create(CultureInfo.InvariantCulture, $"rank-{start.Rank:D5}.json")), start.ToJson() + "\n");

    /// <summary>Notes in events.jsonl that the run broke off, for the rank that comes here first.</summary>
    /// <returns>True for that rank, which is to say so; false also for a process alone, and where the folder cannot be written.</returns>
    public bool TryNoteAborted(long step, string reason)
    {
        try
        {
            using var claim = new FileStream(AbortedFile, FileMode.CreateNew);
            claim.Write(Encoding.UTF8.GetBytes(reason + "\n"));
            using var events = new RunEventLog(run.Events, TimeProvider.System);
            events.Append(RunEventKind.Aborted, step, reason);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private void Begin()
    {
        Directory.CreateDirectory(run.Ranks);
        foreach (var file in Directory.GetFiles(run.Ranks))
            File.Delete(file);
        File.WriteAllText(TokenFile, Token);
    }
}
