using Altiplano.Tests.Program;

namespace Altiplano.Tests.Distributed.Mpi;

/// <summary>Programs under the mpirun of one of the MPI libraries.</summary>
internal static class MpiJob
{
    private static readonly Dictionary<string, (string Launcher, string[] Options, string Library)> Families = new()
    {
        ["Open MPI"] = ("mpirun.openmpi", ["--bind-to", "none", "--oversubscribe"], "libmpi.so.40"),
        ["MPICH"] = ("mpirun.mpich", [], "libmpich.so.12"),
    };

    /// <summary>Runs Altiplano.MpiTests to its end; skips the calling test, visibly, where the launcher is not installed.</summary>
    public static ProgramResult Run(string family, int ranks, params string[] arguments) =>
        Start(family, ranks, Path.Combine(AppContext.BaseDirectory, "Altiplano.MpiTests"), arguments);

    /// <summary>The same with any program.</summary>
    public static ProgramResult Start(string family, int ranks, string program, params string[] arguments)
    {
        using var job = Launch(family, ranks, program, arguments);
        return job.ReadToEnd();
    }

    /// <summary>The same, while it runs.</summary>
    public static RunningProgram Launch(string family, int ranks, string program, params string[] arguments)
    {
        var (launcher, options, library) = Families[family];
        var folders = Environment.GetEnvironmentVariable("PATH")!.Split(':');
        var path = folders.Select(folder => Path.Combine(folder, launcher)).FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"{launcher} is not installed; ./test installs it where it may");
        var environment = new Dictionary<string, string>
        {
            ["ALTIPLANO_MPI_LIB"] = library,
            ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
            ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
            ["TERM"] = "dumb",
        };
        return RunningProgram.Start(path, [.. options, "-n", $"{ranks}", program, .. arguments], environment);
    }
}
