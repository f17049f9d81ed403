using Altiplano.Distributed.Launchers;

namespace Altiplano.Cli.Launch;

/// <summary>What a machine has to start ranks with, and whether this process is one.</summary>
internal static class LauncherLines
{
    private static readonly string[] Programs = ["mpirun", "mpirun.openmpi", "mpirun.mpich", "srun", "sbatch", "kubectl"];

    /// <param name="path">Folders that programs are looked for in, as PATH has them.</param>
    public static IEnumerable<string> Of(Launcher launcher, string path)
    {
        var found = Programs.Where(program => path.Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)))).ToList();
        yield return found.Count > 0
            ? $"{string.Join(", ", found)} on PATH"
            : $"none of {string.Join(", ", Programs)} on PATH; runs on one rank, or on threads of one process, need none";
        if (launcher.Kind == LauncherKind.None)
            yield break;
        yield return $"this process was started by one ({launcher.Kind}), as rank {launcher.Rank} of {launcher.Size}" +
            (launcher.NumHosts is { } hosts ? $" on {hosts} {(hosts == 1 ? "host" : "hosts")}" : "");
        foreach (var problem in launcher.FindProblemsOnCpu("altiplano train RUN.yaml"))
            yield return problem;
    }
}
