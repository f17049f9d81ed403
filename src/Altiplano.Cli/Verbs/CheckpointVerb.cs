using System.CommandLine;
using Altiplano.Training.Checkpoints;
using Altiplano.Training.Loop;

namespace Altiplano.Cli.Verbs;

/// <summary><c>checkpoint list</c> and <c>checkpoint verify</c>.</summary>
internal static class CheckpointVerb
{
    public static Command Create() => new("checkpoint", "Looks after checkpoints.") { List(), Verify() };

    private static Command List()
    {
        var run = new Argument<string>("RUN") { Description = "A run folder." };
        var command = new Command("list", "Lists the checkpoints of a run, newest first.") { run };
        command.SetAction(arguments =>
        {
            var folder = arguments.GetRequiredValue(run);
            if (!Directory.Exists(folder))
                throw new ConfigException($"{folder}: does not exist. Give a run folder.");
            var store = new CheckpointStore(new RunFolder(folder).Checkpoints);
            var (entries, output) = (store.List(), arguments.InvocationConfiguration.Output);
            foreach (var entry in entries)
                output.WriteLine($"step {entry.Step,10:N0}  {entry.Path}  {entry.Problem ?? "complete"}");
            if (entries.Count == 0)
                output.WriteLine($"{store.Folder} holds no checkpoint.");
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Verify()
    {
        var path = new Argument<string>("CHECKPOINT") { Description = "The folder of a checkpoint, the file that names the newest (latest), or a run folder for its newest." };
        var command = new Command("verify", "Reads every byte of a checkpoint and compares it with its manifest.") { path };
        command.SetAction(arguments =>
        {
            var folder = Locate(arguments.GetRequiredValue(path));
            var problems = CheckpointStore.Verify(folder);
            foreach (var problem in problems)
                arguments.InvocationConfiguration.Error.WriteLine($"error: {problem}");
            if (problems.Count == 0)
                arguments.InvocationConfiguration.Output.WriteLine($"{folder}: every checksum agrees.");
            return problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static string Locate(string path)
    {
        if (File.Exists(Path.Combine(path, CheckpointManifest.FileName)))
            return path;
        var store = Path.GetFileName(path) == CheckpointStore.LatestFile && File.Exists(path)
            ? Path.GetDirectoryName(Path.GetFullPath(path))!
            : new RunFolder(path).Checkpoints;
        return new CheckpointStore(store).FindLatest()?.Path
            ?? throw new ConfigException(
                $"{path}: has neither {CheckpointManifest.FileName} nor checkpoints/. Give a checkpoint or a run folder.");
    }
}
